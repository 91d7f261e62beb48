/* Rows of a thread's own for the words of a block: one for each distinct word, found by its number.
 *
 * `rows` are what the steps read and write, `bases` what they were when they were made. What becomes of the difference
 * is the caller's business. */
#ifndef W2V_SCRATCH_H
#define W2V_SCRATCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    float *rows, *bases; /* `stride` floats each */
    int32_t *words;      /* of the n rows that are in use */
    int32_t *table;      /* place + 1 by hash, 0 where there is none; linear probing */
    uint32_t mask;
    int32_t n;
    size_t stride;
} w2v_scratch;

static inline uint32_t w2v_scratch_slots(int32_t most)
{
    uint32_t slots = 64;
    while (slots < 4 * (uint32_t)most)
        slots *= 2;
    return slots;
}

/* Bytes of `memory` for so many rows, a multiple of 64. */
static inline size_t w2v_scratch_bytes(int32_t most, size_t stride)
{
    return (2 * stride * sizeof(float) * (size_t)most + sizeof(int32_t) * ((size_t)most + w2v_scratch_slots(most)) + 63) /
           64 * 64;
}

/* `memory` is zeroed, 64-byte aligned, and stays the caller's. */
static inline void w2v_scratch_init(w2v_scratch *s, int32_t most, size_t stride, void *memory)
{
    s->rows = (float *)memory;
    s->bases = s->rows + (size_t)most * stride;
    s->words = (int32_t *)(s->bases + (size_t)most * stride);
    s->table = s->words + most;
    s->mask = w2v_scratch_slots(most) - 1;
    s->n = 0;
    s->stride = stride;
}

/* The place of a word's row; if it is the number of rows before, the row is new and has no content yet. */
static inline int32_t w2v_scratch_place(w2v_scratch *s, int32_t word)
{
    uint32_t at = ((uint32_t)word * 2654435769u >> 7) & s->mask;
    while (s->table[at]) {
        if (s->words[s->table[at] - 1] == word)
            return s->table[at] - 1;
        at = (at + 1) & s->mask;
    }
    s->words[s->n] = word;
    s->table[at] = ++s->n;
    return s->n - 1;
}

/* Ask for the cache lines of a row that is needed soon. */
static inline void w2v_prefetch_row(const float *row, int n)
{
#if defined(_MSC_VER)
    (void)row, (void)n;
#else
    for (int j = 0; j < n; j += 16)
        __builtin_prefetch(row + j, 1, 3);
#endif
}

static inline void w2v_scratch_clear(w2v_scratch *s)
{
    memset(s->table, 0, ((size_t)s->mask + 1) * sizeof(int32_t));
    s->n = 0;
}

#endif
