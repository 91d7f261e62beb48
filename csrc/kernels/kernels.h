/* The contract between the training loop and the kernels of each instruction set.
 *
 * Skip-gram with negative sampling (Mikolov et al. 2013, "Distributed Representations of Words and Phrases", eq. 4): C
 * context rows of the input matrix against S rows of the output matrix, the centre's first, then the negatives, drawn
 * once and shared by all contexts (Ji et al. 2016, "Parallelizing Word2Vec in Shared and Distributed Memory").
 *
 *     score[c][s] = input[c] . output[s]
 *     g[c][s]     = alpha * (label[c][s] - weight[c][s] * sigmoid(score[c][s]))
 *     input[c]   += sum_s g[c][s] * output[s]
 *     output[s]  += sum_c g[c][s] * input[c]
 *
 * which is a step against the gradient of the sum of label * softplus(-score) + (weight - label) * softplus(score).
 * For one window label is 1 in the centre's column, else 0, and weight is 1. Two neighbouring windows that share their
 * negatives are one step too: their centres are the first two outputs, their contexts are joined, and label and weight
 * count in how many of the two windows a pair stands (0, 1 or 2). What a context needs of them depends only on the
 * windows it is in, its `kind`: bit 0 the first, bit 1 the second.
 *
 * All scores come from the rows as they were before the step, and so do both sums. The one exception: if a word
 * stands twice among the contexts, its second occurrence may be read after its first update (a difference of order
 * alpha squared); both of its updates are added.
 *
 * Contract of every slot
 *   rows        n_floats long, a multiple of W2V_ROW_FLOATS, 64-byte aligned, padding zero (it stays zero).
 *   inputs      0 or more rows, may repeat; no input row is an output row. n_inputs = 0 does nothing.
 *   outputs     1 or more rows, all distinct.
 *   kinds       n_inputs bytes from 0 to 3.
 *   apart       not 0 says that the inputs are two, the first of kind 0 or 1 and the second of kind 0 or 2, so that the
 *               first is nothing to the second output, nor the second to the first: these pairs are left out.
 *   as_changes  not 0 says that one or two inputs are rows for this step alone: what is left in them is what would
 *               have been added.
 *   patterns    for each kind its labels, then its weights: 4 x 2 rows of pattern_floats floats, at least
 *               W2V_PATTERN_FLOATS(n_outputs); what follows on the outputs' columns is finite (`w2v_fill_patterns`).
 *   prefetch    n_prefetch addresses of rows needed soon; any address is allowed, they are only hints.
 *   work        W2V_WORK_FLOATS(n_inputs, n_outputs) floats, 64-byte aligned, owned by the caller; no two threads
 *               share one. Its content before and after a call means nothing.
 *   Kernels check nothing, allocate nothing and cannot fail. They may run on one matrix from many threads at once:
 *   the races between rows are the ones that Hogwild accepts (Recht et al. 2011).
 */
#ifndef W2V_KERNELS_H
#define W2V_KERNELS_H

#include <stdint.h>

#include "loop/alias.h"

#define W2V_ROW_FLOATS 16
#define W2V_PATTERN_FLOATS(n_outputs) ((n_outputs) + 16)
#define W2V_WORK_FLOATS(n_inputs, n_outputs) (((n_inputs) + 2) * (2 * (n_outputs) + 48) + 64)

typedef struct {
    float *const *inputs;
    float *const *outputs;
    const uint8_t *kinds;
    const float *patterns;
    const float *const *prefetch;
    float *work;
    int n_inputs;
    int n_outputs;
    int n_prefetch;
    int pattern_floats;
    int n_floats;
    int apart;
    int as_changes;
    float alpha;
} w2v_window;

/* Rows that go through one or two hidden rows, which a step then has as its inputs: the mean of a centre's contexts
 * (CBOW; Mikolov et al. 2013, "Efficient Estimation of Word Representations in Vector Space"), or the mean of a word's
 * n-grams (Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information"). The contexts of two neighbours
 * are nearly the same, and go into both hidden rows as one sum:
 *
 *     hidden[k] = factor[k] * (sum of masses[r] * rows[r] over the common rows and over those of hidden row k alone)
 *
 *   rows            the n_common common ones, then those of the first hidden row alone, n_own[0], then n_own[1] of the
 *                   second; each number may be 0. With one hidden row, n_own[1] is 0. Rows may repeat.
 *   masses          of each of these rows; NULL stands for ones.
 *   hidden          n_hidden (1 or 2), no one of them among the rows.
 *   The lengths of rows and their alignment are as above; threads too. */
typedef struct {
    float *const *rows;
    const float *masses;
    float *const *hidden;
    float factor[2];
    int n_common;
    int n_own[2];
    int n_hidden;
    int n_floats;
} w2v_blend;

#define W2V_DRAW_SLACK 7

typedef struct {
    const char *name;
    int lanes; /* floats in one vector */
    /* The whole step above. */
    void (*window_update)(const w2v_window *window);
    /* scores: (n_inputs, n_outputs), row-major, written to `out`. The rows are only read; kinds, patterns
     * and alpha are not used. */
    void (*scores)(const w2v_window *window, float *out);
    /* The two sums above with given g: (n_inputs, n_outputs), row-major. Kinds and patterns are not used. */
    void (*rank_update)(const w2v_window *window, const float *g);
    /* values[i] = sigmoid(values[i]) for i < n, any n >= 0, any alignment. NaN stays NaN. */
    void (*sigmoid)(float *values, int n);
    /* hidden[k] = the sum above; zeros without rows. The rows are only read. */
    void (*gather)(const w2v_blend *mix);
    /* rows[r] += masses[r] * the sum of factor[k] * hidden[k], which is a change now, over the k that r counts in; of a
     * row that repeats, every change is added. */
    void (*scatter)(const w2v_blend *mix);
    /* `count` draws, 0 or more, from an alias table of n entries, by the stream `state` (`alias.h`): the same numbers
     * on every machine. Up to W2V_DRAW_SLACK more are written over. */
    void (*draw)(const w2v_alias *table, uint64_t n, uint64_t *state, int32_t *out, int64_t count);
} w2v_kernels;

/* One table for each instruction set; constant data, so that nothing of an ISA's file runs before it is chosen. */
extern const w2v_kernels w2v_kernels_scalar;
#if defined(__x86_64__) || defined(_M_X64)
extern const w2v_kernels w2v_kernels_avx2;
extern const w2v_kernels w2v_kernels_avx512;
#endif
#if defined(__aarch64__)
extern const w2v_kernels w2v_kernels_neon;
#endif

/* dispatch.c: the kernels that this machine can run, best first; i from 0, NULL past the end. */
const w2v_kernels *w2v_kernels_available(int i);

/* dispatch.c: the patterns of windows with n_centres (1 or 2) centres among n_outputs outputs. */
void w2v_fill_patterns(float *patterns, int n_outputs, int n_centres, int pattern_floats);

/* cpu.c: does the processor have it, and does the operating system save its registers? */
int w2v_cpu_has_avx2(void);
int w2v_cpu_has_avx512(void);

#endif
