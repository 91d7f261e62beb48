/* A word's vector from its own row and the rows of its n-grams, and a change of it back to these rows.
 *
 * With subwords a word's input is the mean of its own row and of its n-grams' rows (Bojanowski et al. 2017). A change
 * of it is added to each of these rows undivided, as in fastText (Model::update without normalizeGradient). The
 * n-grams' rows follow the words' rows in the input matrix. */
#ifndef W2V_COMPOSE_H
#define W2V_COMPOSE_H

#include <stddef.h>
#include <stdint.h>

#include "base.h"
#include "kernels/kernels.h"
#include "loop/arena.h"
#include "loop/ngrams.h"

/* The rows of two words: one is being composed while the other one's rows are fetched from memory. */
typedef struct {
    float **rows[2];
    int n[2];
    float *hidden[1];
    size_t stride; /* floats of a row */
    w2v_blend blend;
} w2v_composer;

/* For words of up to max_rows rows, their own included. */
static inline void w2v_composer_lay_out(w2v_composer *composer, w2v_arena *arena, int max_rows, int n_floats,
                                       int n_used)
{
    composer->rows[0] = W2V_TAKE(arena, (size_t)max_rows, float *);
    composer->rows[1] = W2V_TAKE(arena, (size_t)max_rows, float *);
    composer->blend = (w2v_blend){.hidden = composer->hidden, .n_hidden = 1, .n_used = n_used};
    composer->stride = (size_t)n_floats;
}

/* Find the rows of a word and start to fetch them. */
static inline void w2v_find_rows(w2v_composer *composer, const w2v_ngrams *ngrams, float *vectors, int32_t word,
                                 int which)
{
    const uint32_t *const buckets = ngrams->buckets + ngrams->offsets[word];
    const int n = (int)(ngrams->offsets[word + 1] - ngrams->offsets[word]);
    const size_t stride = composer->stride;
    float **const rows = composer->rows[which];
    rows[0] = vectors + (size_t)word * stride;
    for (int k = 0; k < n; k++)
        rows[1 + k] = vectors + ((size_t)ngrams->n_words + buckets[k]) * stride;
    composer->n[which] = n + 1;
    for (int k = 0; k < n + 1; k++)
        w2v_prefetch_row(rows[k], (int)stride);
}

static inline void w2v_use_rows(w2v_composer *composer, int which, float *row, float factor)
{
    composer->hidden[0] = row;
    composer->blend.rows = composer->rows[which];
    composer->blend.n_common = composer->n[which];
    composer->blend.factor[0] = factor;
}

/* row = the mean of the rows that were found. */
static inline void w2v_compose(const w2v_kernels *kernels, w2v_composer *composer, int which, float *row)
{
    w2v_use_rows(composer, which, row, 1 / (float)composer->n[which]);
    kernels->gather(&composer->blend);
}

/* Add a change to each of the rows that were found. */
static inline void w2v_decompose(const w2v_kernels *kernels, w2v_composer *composer, int which, float *change)
{
    w2v_use_rows(composer, which, change, 1);
    kernels->scatter(&composer->blend);
}

#endif
