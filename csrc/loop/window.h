/* The windows of one centre, or of two neighbours of one line, as places in a block of the text.
 *
 * Both windows of a pair have one size, so they reach nearly the same words: all between the first word of the second
 * window and the last of the first but the centres; each has besides, unless the line ends there, one word more and the
 * other centre. */
#ifndef W2V_WINDOW_H
#define W2V_WINDOW_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    int i, low, high;           /* the (first) centre, and the first and last word of its window, or itself */
    int j, next_low, next_high; /* of the second one, or of the first again */
} w2v_reach;

static inline int w2v_least(int a, int b) { return a < b ? a : b; }
static inline int w2v_most(int a, int b) { return a > b ? a : b; }

/* Windows of up to `left` and `right` words of n_centres (1 or 2) from i on, in a line from `begin` to `last`. */
static inline w2v_reach w2v_reach_of(int i, int n_centres, int left, int right, int begin, int last)
{
    const int j = i + n_centres - 1;
    return (w2v_reach){i, w2v_most(i - left, begin), w2v_least(i + right, last),
                       j, w2v_most(j - left, begin), w2v_least(j + right, last)};
}

/* kinds[k] for the words from `low` to `next_high`: bit 0 if the word is a context of the first centre, bit 1 of the
 * second. Writes up to 15 more. */
static inline void w2v_mark_kinds(uint8_t *kinds, const w2v_reach *r)
{
    const int n = r->next_high - r->low + 1;
    const int16_t a = (int16_t)(r->i - r->low), a_high = (int16_t)(r->high - r->low);
    const int16_t b = (int16_t)(r->j - r->low), b_low = (int16_t)(r->i < r->j ? r->next_low - r->low : n);
    for (int start = 0; start < n; start += 16) {
        for (int k = 0; k < 16; k++) { /* a constant length and short integers: one vector */
            const int16_t at = (int16_t)(start + k);
            kinds[start + k] = (uint8_t)((at <= a_high && at != a) | (at >= b_low && at < (int16_t)n && at != b) << 1);
        }
    }
}

#define W2V_SORT_SLACK 8

/* to[k] = from[k] for k < n; reads and writes up to 8 more. */
static inline void w2v_copy_some(char *to, const char *from, size_t size, int n)
{
    int k = 0;
    do /* eights of a constant length: no branch to foretell */
        memcpy(to + (size_t)k * size, from + (size_t)k * size, 8 * size);
    while ((k += 8) < n);
}

/* What belongs to the contexts, of `size` bytes each, sorted: n[0] that both centres have, n[1] of the first alone,
 * n[2] of the second alone. All of it is n[0] with one centre. Reads and writes up to W2V_SORT_SLACK more. */
static inline void w2v_sort_contexts(const w2v_reach *r, size_t size, const void *words, void *sorted, int n[3])
{
    const char *const from = (const char *)words;
    char *to = (char *)sorted;
    const int before = w2v_most(w2v_least(r->i, r->high + 1) - r->next_low, 0);
    const int behind = w2v_most(r->high - w2v_most(r->next_low - 1, r->j), 0);
    w2v_copy_some(to, from + (ptrdiff_t)r->next_low * (ptrdiff_t)size, size, before);
    to += (size_t)before * size;
    w2v_copy_some(to, from + (ptrdiff_t)(r->high - behind + 1) * (ptrdiff_t)size, size, behind);
    to += (size_t)behind * size;
    n[0] = before + behind;
    n[1] = n[2] = 0;
    if (r->i == r->j)
        return;
    const int places[4] = {r->low, r->j, r->i, r->next_high};
    const int there[4] = {r->low < w2v_least(r->next_low, r->i), r->high >= r->j, r->next_low <= r->i,
                          r->next_high > w2v_most(r->high, r->j)};
    for (int k = 0; k < 4; k++) { /* one that is not there is written over by the next */
        memcpy(to, from + (ptrdiff_t)places[k] * (ptrdiff_t)size, size);
        to += there[k] ? size : 0;
    }
    n[1] = there[0] + there[1];
    n[2] = there[2] + there[3];
}

#endif
