/* Scores of contexts against some output rows, kept as they are or turned into g at once.
 *
 * P contexts (two, and the last one alone) against B output rows, so few that all sums stay in registers; then the lanes
 * of all sums are added in a tree, while the next group is being computed. */
#ifndef W2V_SCORES_H
#define W2V_SCORES_H

#include "kernels/blocks.h"
#include "kernels/sigmoid.h"

/* Labels of a context's kind from output s on; its weights follow pattern_floats later. */
W2V_INLINE const float *pattern(const w2v_window *w, int c, int s)
{
    return w->patterns + 2 * w->kinds[c] * w->pattern_floats + s;
}

W2V_INLINE vec gradient_vec(vec sums, vec labels, vec weights, float alpha)
{
    return vec_mul(vec_set1(alpha), vec_sub(labels, vec_mul(weights, sigmoid_vec(sums))));
}

/* Sums of both contexts in one vector: lanes 0 .. B-1 and LANES/2 .. LANES/2 + B-1. The other lanes hold finite values
 * without meaning. */
W2V_INLINE vec paired_sums(const int B, const vec *acc)
{
    vec all[LANES];
    UNROLL
    for (int k = 0; k < LANES / 2; k++) {
        all[k] = acc[k < B ? k : 0];
        all[LANES / 2 + k] = acc[k < B ? B + k : 0];
    }
    return vec_sums(all, LANES);
}

/* Of vectors of one float: a loop over all sums. Unrolled, their sigmoids would be half of all scalar code. */
static __attribute__((noinline)) void finish_scalars(int P, int B, int as_gradient, const w2v_window *w, int c, int s0,
                                                     const float *sums, float *out, int stride)
{
    const int width = w->pattern_floats;
    for (int i = 0; i < P; i++) {
        const float *const p = pattern(w, c + i, s0);
        for (int s = 0; s < B; s++) {
            const vec sum = vec_load(sums + i * B + s);
            vec_store(out + i * stride + s,
                      as_gradient ? gradient_vec(sum, vec_load(p + s), vec_load(p + width + s), w->alpha) : sum);
        }
    }
}

W2V_INLINE void finish_group(const int P, const int B, const int as_gradient, const w2v_window *w, int c, int s0,
                             const vec *acc, float *out, int stride)
{
    const int width = w->pattern_floats;
    if (PAIRED(B)) {
        vec sums = P == 2 ? paired_sums(B, acc) : vec_sums(acc, B);
        if (as_gradient) {
            const float *const p = pattern(w, c, s0), *const q = pattern(w, c + P - 1, s0);
            sums = gradient_vec(sums, vec_load2(p, q), vec_load2(p + width, q + width), w->alpha);
        }
        if (P == 2)
            vec_store2(out, out + stride, sums);
        else
            vec_store(out, sums); /* its upper half goes to the slack, or the second part falls on it */
        return;
    }
    if (LANES == 1) {
        float sums[2 * BLOCK];
        UNROLL
        for (int k = 0; k < P * B; k++)
            vec_store(sums + k, acc[k]);
        finish_scalars(P, B, as_gradient, w, c, s0, sums, out, stride);
        return;
    }
    UNROLL
    for (int i = 0; i < P; i++) {
        const float *const p = pattern(w, c + i, s0);
        UNROLL
        for (int s = 0; s < B; s += LANES) {
            vec sums = vec_sums(acc + i * B + s, B - s < LANES ? B - s : LANES);
            if (as_gradient)
                sums = gradient_vec(sums, vec_load(p + s), vec_load(p + width + s), w->alpha);
            vec_store(out + i * stride + s, sums);
        }
    }
}

W2V_INLINE void score_group(const int P, const int B, const int separate, const int as_gradient, const w2v_window *w,
                            int c, int s0, float *out, int stride)
{
    const float *const x0 = w->inputs[c], *const x1 = w->inputs[c + P - 1];
    const int whole = w->n_used / LANES * LANES;
    const float *rows[BLOCK];
    vec acc[2 * BLOCK];
    UNROLL
    for (int s = 0; s < B; s++)
        rows[s] = w->outputs[s0 + s];
    UNROLL
    for (int k = 0; k < P * B; k++)
        acc[k] = vec_set1(0.0f);
    if (HALVES && whole < w->n_used) {
        const vec a = vec_load_half(x0 + whole), b = vec_load_half(x1 + whole);
        UNROLL
        for (int s = 0; s < B; s++) {
            const vec o = vec_load_half(rows[s] + whole);
            if (!(separate && s == 1))
                acc[s] = vec_mul_half(a, o);
            if (P == 2 && !(separate && s == 0))
                acc[B + s] = vec_mul_half(b, o);
        }
    }
    for (int j = 0; j < whole; j += LANES) {
        vec a = vec_load(x0 + j), b = vec_load(x1 + j);
        vec_keep(a);
        vec_keep(b);
        UNROLL
        for (int s = 0; s < B; s++) {
            vec o = vec_load(rows[s] + j);
            vec_keep(o); /* one load for both products; GCC would make it a memory operand of each */
            if (!(separate && s == 1))
                acc[s] = vec_fma(a, o, acc[s]);
            if (P == 2 && !(separate && s == 0))
                acc[B + s] = vec_fma(b, o, acc[B + s]);
        }
    }
    finish_group(P, B, as_gradient, w, c, s0, acc, out, stride);
}

/* All contexts; each one's scores are `stride` floats after those of the one before. */
W2V_INLINE void score_rows(const int B, const int as_gradient, const w2v_window *w, int s0, float *out, int stride)
{
    const int C = w->n_inputs;
    int c = 0;
    if (w->separate_centres && s0 == 0 && B > 1) {
        score_group(2, B, 1, as_gradient, w, 0, 0, out, stride);
        return;
    }
    for (; c + 2 <= C; c += 2)
        score_group(2, B, 0, as_gradient, w, c, s0, out + c * stride, stride);
    if (c < C)
        score_group(1, B, 0, as_gradient, w, c, s0, out + c * stride, stride);
}

#endif
