/* A thread's own rows for the words of a block: one for each distinct word, found by its id.
 *
 * `rows` are read and written by the steps, `bases` are the same rows at the start of the block. What happens to the
 * difference is up to the caller. */
#ifndef W2V_SCRATCH_H
#define W2V_SCRATCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "loop/arena.h"

typedef struct {
    float *rows, *bases; /* `stride` floats each */
    int32_t *words;      /* of the n rows in use */
    int32_t *table;      /* place + 1 by hash, 0 for an empty slot; linear probing */
    uint32_t mask;
    int32_t n;
    size_t stride;
} w2v_scratch;

/* For up to `capacity` rows. */
static inline void w2v_scratch_lay_out(w2v_scratch *s, w2v_arena *arena, size_t capacity, size_t stride)
{
    uint32_t slots = 64;
    while (slots < 4 * capacity)
        slots *= 2;
    *s = (w2v_scratch){.mask = slots - 1, .stride = stride};
    s->rows = W2V_TAKE(arena, capacity * stride, float);
    s->bases = W2V_TAKE(arena, capacity * stride, float);
    s->words = W2V_TAKE(arena, capacity, int32_t);
    s->table = W2V_TAKE(arena, slots, int32_t);
}

/* The place of a word's row. If it equals the previous number of rows, the row is new and has no content yet. */
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

static inline void w2v_scratch_clear(w2v_scratch *s)
{
    memset(s->table, 0, ((size_t)s->mask + 1) * sizeof(int32_t));
    s->n = 0;
}

#endif
