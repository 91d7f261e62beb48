/* Draws from a discrete distribution in constant time: Walker's alias table, built as in Vose 1991 ("A linear
 * algorithm for generating random numbers with a given distribution"). An entry has 8 bytes, so a draw reads one cache
 * line. */
#ifndef W2V_ALIAS_H
#define W2V_ALIAS_H

#include <stdint.h>

typedef struct {
    uint32_t threshold; /* this cell's own share, out of 2^32; the rest belongs to `other` */
    int32_t other;
} w2v_alias;

/* Build the table from probabilities p (n) that sum to 1. `p` is overwritten; `stack` has room for n. n >= 1. */
void w2v_alias_build(double *p, int64_t n, w2v_alias *table, int32_t *stack);

/* Random bits times n, without the lowest 32 of the 96 bits. The upper half is the cell of a draw. */
static inline uint64_t w2v_alias_product(uint64_t n, uint64_t bits)
{
    const uint64_t low = (bits & 0xffffffffu) * n;
    return (bits >> 32) * n + (low >> 32);
}

/* The draw: the cell or its alias, by the lower half of the product. There is no branch: which of them is not
 * predictable. */
static inline int32_t w2v_alias_decide(const w2v_alias *table, uint64_t product)
{
    const int32_t cell = (int32_t)(product >> 32);
    const w2v_alias entry = table[cell];
    return entry.other ^ ((entry.other ^ cell) & -(int32_t)((uint32_t)product < entry.threshold));
}

static inline int32_t w2v_alias_draw(const w2v_alias *table, uint64_t n, uint64_t bits)
{
    return w2v_alias_decide(table, w2v_alias_product(n, bits));
}

/* `count` draws with the random stream `state`. */
void w2v_alias_fill(const w2v_alias *table, uint64_t n, uint64_t *state, int32_t *out, int64_t count);

/* Whether any value occurs twice in values[0 .. n-1]. */
static inline int w2v_has_duplicates(const int32_t *values, int n)
{
    int twice = 0;
    if (n == 8) { /* two centres and six negatives, the default: no loop */
        const int32_t a = values[0], b = values[1], c = values[2], d = values[3];
        const int32_t e = values[4], f = values[5], g = values[6], h = values[7];
        return (a == b) | (a == c) | (a == d) | (a == e) | (a == f) | (a == g) | (a == h) | (b == c) | (b == d) |
               (b == e) | (b == f) | (b == g) | (b == h) | (c == d) | (c == e) | (c == f) | (c == g) | (c == h) |
               (d == e) | (d == f) | (d == g) | (d == h) | (e == f) | (e == g) | (e == h) | (f == g) | (f == h) |
               (g == h);
    }
    for (int i = 1; i < n; i++)
        for (int j = 0; j < i; j++)
            twice |= values[i] == values[j];
    return twice;
}

#endif
