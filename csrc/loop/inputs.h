/* Input rows that exist for one block: words composed of n-grams, and copies of words that must not change.
 *
 * Each distinct word of a block that is composed of n-grams gets one row of the thread, on which all steps of the block
 * work. So the n-grams' rows are read and written once for each word and block, instead of once for each pair. */
#ifndef W2V_INPUTS_H
#define W2V_INPUTS_H

#include "loop/block.h"

/* Compose a row for each distinct word of the block. */
static inline void w2v_compose_block(const w2v_kernels *kernels, w2v_block *block, const w2v_ngrams *ngrams,
                                     float *vectors)
{
    w2v_scratch *const scratch = &block->scratch;
    w2v_composer *const composer = &block->composer;
    const size_t stride = scratch->stride;
    for (int k = 0; k < block->n; k++) {
        const int32_t word = block->ids[k], place = w2v_scratch_place(scratch, word);
        block->rows[k] = scratch->rows + (size_t)place * stride;
        block->masses[k] = (float)(ngrams->offsets[word + 1] - ngrams->offsets[word] + 1);
    }
    w2v_find_rows(composer, ngrams, vectors, scratch->words[0], 0);
    for (int k = 0; k < scratch->n; k++) {
        if (k + 1 < scratch->n)
            w2v_find_rows(composer, ngrams, vectors, scratch->words[k + 1], (k + 1) & 1);
        w2v_compose(kernels, composer, k & 1, scratch->rows + (size_t)k * stride);
    }
    memcpy(scratch->bases, scratch->rows, (size_t)scratch->n * stride * sizeof(float));
}

/* Add the changes of the composed rows to the rows that they were composed of, and release them. */
static inline void w2v_decompose_block(const w2v_kernels *kernels, w2v_block *block, const w2v_ngrams *ngrams,
                                       float *vectors)
{
    w2v_scratch *const scratch = &block->scratch;
    w2v_composer *const composer = &block->composer;
    const size_t stride = scratch->stride, n_floats = (size_t)scratch->n * stride;
    w2v_find_rows(composer, ngrams, vectors, scratch->words[0], 0);
    for (size_t j = 0; j < n_floats; j++)
        scratch->rows[j] -= scratch->bases[j];
    for (int k = 0; k < scratch->n; k++) {
        if (k + 1 < scratch->n)
            w2v_find_rows(composer, ngrams, vectors, scratch->words[k + 1], (k + 1) & 1);
        w2v_decompose(kernels, composer, k & 1, scratch->rows + (size_t)k * stride);
    }
    w2v_scratch_clear(scratch);
}

/* Redirect the positions of frozen words to copies of their rows. */
static inline void w2v_copy_frozen(w2v_block *block, const uint8_t *frozen)
{
    w2v_scratch *const scratch = &block->scratch;
    const size_t stride = scratch->stride;
    for (int k = 0; k < block->n; k++) {
        block->frozen_at[k] = -1;
        if (frozen[block->ids[k]]) {
            const int32_t known = scratch->n, place = w2v_scratch_place(scratch, block->ids[k]);
            float *const base = scratch->bases + (size_t)place * stride;
            float *const row = scratch->rows + (size_t)place * stride;
            block->frozen_at[k] = place;
            if (scratch->n > known) {
                memcpy(base, block->rows[k], stride * sizeof(float));
                memcpy(row, base, stride * sizeof(float));
            }
            block->rows[k] = row;
        }
    }
}

/* Undo what a step has changed in the copies of the frozen words that it reached. */
static inline void w2v_restore_frozen(w2v_block *block)
{
    const w2v_scratch *const scratch = &block->scratch;
    for (int k = block->reach.low; k <= block->reach.next_high; k++)
        if (block->frozen_at[k] >= 0) {
            const size_t at = (size_t)block->frozen_at[k] * scratch->stride;
            memcpy(scratch->rows + at, scratch->bases + at, scratch->stride * sizeof(float));
        }
}

/* Move a row by a share of the way to its anchor. */
static inline void w2v_pull_row(float *row, const float *anchor, float share, int n)
{
    for (int j = 0; j < n; j++)
        row[j] += share * (anchor[j] - row[j]);
}

#endif
