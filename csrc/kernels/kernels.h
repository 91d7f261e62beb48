/* The contract between the training loop and the kernels of each instruction set.
 *
 * One step of skip-gram with negative sampling (Mikolov et al. 2013, "Distributed Representations of Words and
 * Phrases", eq. 4): C context rows of the input matrix against S rows of the output matrix. The first output row is the
 * centre's, the others are negatives, drawn once and shared by all contexts (Ji et al. 2016, "Parallelizing Word2Vec in
 * Shared and Distributed Memory").
 *
 *     score[c][s] = input[c] . output[s]
 *     g[c][s]     = alpha * (label[c][s] - weight[c][s] * sigmoid(score[c][s]))
 *     input[c]   += sum_s g[c][s] * output[s]
 *     output[s]  += sum_c g[c][s] * input[c]
 *
 * This is a gradient step on the sum of label * softplus(-score) + (weight - label) * softplus(score). For one window
 * the label is 1 in the centre's column and 0 elsewhere, and the weight is 1. Two neighbouring windows that share their
 * negatives are one step too: their centres are the first two outputs, their contexts are joined, and label and weight
 * count the windows (0, 1 or 2) that contain the pair. They depend only on the windows that a context belongs to, its
 * `kind`: bit 0 for the first window, bit 1 for the second.
 *
 * All scores and both sums use the rows as they were before the step, with one exception: if a word occurs twice among
 * the contexts, its second occurrence may be read after its first update (a difference of order alpha squared). Both of
 * its updates are added.
 *
 * Contract of every slot
 *   rows              a multiple of W2V_ROW_FLOATS long, 64-byte aligned; the padding is zero and stays zero.
 *   n_used            floats of a row, a multiple of W2V_USED_FLOATS: at least those before the padding.
 *   inputs            0 or more rows, repetitions allowed; no input row is an output row. n_inputs = 0 does nothing.
 *   outputs           1 or more rows, all distinct.
 *   kinds             n_inputs bytes from 0 to 3.
 *   separate_centres  non-zero: there are two inputs, the first of kind 0 or 1 and the second of kind 0 or 2. The pairs
 *                     (first input, second output) and (second input, first output) are skipped: their weight is 0.
 *   leave_deltas      non-zero: there are one or two inputs, which exist for this step alone. The step leaves in them
 *                     the change instead of the changed row.
 *   patterns          labels and weights of each kind: 4 x 2 rows of pattern_floats floats, at least
 *                     W2V_PATTERN_FLOATS(n_outputs); the values after the last output are finite (kernels/patterns.h).
 *   input_squares     NULL, or n_inputs floats, to which the sum of g[c][s]^2 over s is added; output_squares then has
 *                     n_outputs floats, to which the sum over c is added. Only `window_update` does so.
 *   prefetch          n_prefetch addresses of rows needed soon. They are hints; any address is allowed.
 *   work              W2V_WORK_FLOATS(n_inputs, n_outputs) floats, 64-byte aligned, owned by the caller, not shared by
 *                     threads. Its content before and after a call has no meaning.
 *
 * Kernels check nothing, allocate nothing and cannot fail. Many threads may run them on one matrix at once; the races
 * between rows are those that Hogwild accepts (Recht et al. 2011).
 */
#ifndef W2V_KERNELS_H
#define W2V_KERNELS_H

#include <stdint.h>

#include "loop/alias.h"

#define W2V_ROW_FLOATS 16
#define W2V_USED_FLOATS 8
#define W2V_PATTERN_FLOATS(n_outputs) ((n_outputs) + 16)
#define W2V_WORK_FLOATS(n_inputs, n_outputs) (((n_inputs) + 2) * (2 * (n_outputs) + 48) + 64)

/* Floats of a row that steps compute, for vectors of n numbers. */
static inline int w2v_used_floats(int n) { return (n + W2V_USED_FLOATS - 1) / W2V_USED_FLOATS * W2V_USED_FLOATS; }

typedef struct {
    float *const *inputs;
    float *const *outputs;
    const uint8_t *kinds;
    const float *patterns;
    const float *const *prefetch;
    float *work;
    float *input_squares;
    float *output_squares;
    int n_inputs;
    int n_outputs;
    int n_prefetch;
    int pattern_floats;
    int n_used;
    int separate_centres;
    int leave_deltas;
    float alpha;
} w2v_window;

/* Rows that are combined into one or two hidden rows, which then are the inputs of a step: the mean of a centre's
 * contexts (CBOW; Mikolov et al. 2013, "Efficient Estimation of Word Representations in Vector Space"), or the mean of
 * a word's n-grams (Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information"). Two neighbouring
 * centres have nearly the same contexts; the common ones are summed once for both hidden rows:
 *
 *     hidden[k] = factor[k] * (sum of masses[r] * rows[r] over the common rows and the rows of hidden row k alone)
 *
 *   rows      n_common common rows, then n_own[0] of the first hidden row alone, then n_own[1] of the second; each
 *             number may be 0. n_own[1] is 0 if there is one hidden row. Rows may repeat.
 *   masses    one for each of these rows; NULL means that all are 1.
 *   hidden    n_hidden (1 or 2) rows, none of them among `rows`.
 *   Lengths, alignment and threads as above. */
typedef struct {
    float *const *rows;
    const float *masses;
    float *const *hidden;
    float factor[2];
    int n_common;
    int n_own[2];
    int n_hidden;
    int n_used;
} w2v_blend;

#define W2V_DRAW_SLACK 7

typedef struct {
    const char *name;
    int lanes; /* floats in one vector */
    /* The whole step above. */
    void (*window_update)(const w2v_window *window);
    /* Scores (n_inputs, n_outputs), row-major, written to `out`. The rows are only read; kinds, patterns and alpha are
     * not used. */
    void (*scores)(const w2v_window *window, float *out);
    /* The two sums above for a given g (n_inputs, n_outputs), row-major. Kinds and patterns are not used. */
    void (*rank_update)(const w2v_window *window, const float *g);
    /* values[i] = sigmoid(values[i]) for i < n, any n >= 0, any alignment. NaN stays NaN. */
    void (*sigmoid)(float *values, int n);
    /* hidden[k] = the sum above; zeros if there are no rows. The rows are only read. */
    void (*gather)(const w2v_blend *blend);
    /* rows[r] += masses[r] * the sum of factor[k] * hidden[k], now a change, over the k that row r belongs to. A row
     * that repeats gets every change. */
    void (*scatter)(const w2v_blend *blend);
    /* out = rows times the first n_out columns of `basis` (length, stride); all are row-major. `rows` is (n, length),
     * n >= 0, and `out` (n, n_out); n_out is a multiple of W2V_ROW_FLOATS. */
    void (*rotate)(const float *rows, int n, int length, const float *basis, int n_out, int stride, float *out);
    /* sum += x and weighted += h * x, with x = row - base, rounded to a bfloat16 (rounds/bfloat16.h). Without base,
     * NULL, the row is the difference. */
    void (*add_change)(const float *row, const float *base, float h, int n_floats, float *sum, float *weighted);
    /* sum[j] = phi(H * eigenvalues[j]) * A[j] - sum[j], with the A of rounds/merge.h; total is H, and mean m. */
    void (*correct)(float *sum, const float *weighted, const float *eigenvalues, float total, float mean, int n_floats);
    /* sums[i][j] += weight * row[i] * row[j]; `sums` is (n_floats, n_floats). */
    void (*add_outer)(const float *row, float weight, int n_floats, float *sums);
    /* `count` >= 0 draws from an alias table of n entries with the random stream `state` (loop/alias.h). The numbers
     * are the same on every machine. Up to W2V_DRAW_SLACK entries after the last one are overwritten. */
    void (*draw)(const w2v_alias *table, uint64_t n, uint64_t *state, int32_t *out, int64_t count);
} w2v_kernels;

/* One table for each instruction set. The tables are constant data, so no code of an instruction set runs before it has
 * been chosen. */
extern const w2v_kernels w2v_kernels_scalar;
#if defined(__x86_64__) || defined(_M_X64)
extern const w2v_kernels w2v_kernels_avx2;
extern const w2v_kernels w2v_kernels_avx512;
#endif
#if defined(__aarch64__)
extern const w2v_kernels w2v_kernels_neon;
#endif

/* dispatch.c: kernel table i of those that this machine can run, best first; NULL after the last one. */
const w2v_kernels *w2v_kernels_available(int i);

/* cpu.c: whether the processor has the instructions and the operating system saves their registers. */
int w2v_cpu_has_avx2(void);
int w2v_cpu_has_avx512(void);

#endif
