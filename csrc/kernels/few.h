/* Rank updates of steps with one or two inputs (CBOW, line ends).
 *
 * The updates of the inputs stay in registers, U vectors of each, while the output rows pass by: each g is loaded once
 * instead of once for each vector. With 16 registers the inputs themselves are operands from the first-level cache. */
#ifndef W2V_FEW_H
#define W2V_FEW_H

#include "kernels/blocks.h"

#define FEW_PART(P) (REGISTERS >= 32 ? ((P) == 2 ? 7 : 8) : ((P) == 2 ? 5 : 6))

/* An output row against one input or both (A: the first, C: the second). */
W2V_INLINE void update_few_row(const int A, const int C, const int U, float *row, float a, float c, const vec *x,
                               vec *y, const vec *z, vec *v)
{
    const vec ga = vec_set1(a), gc = vec_set1(c);
    UNROLL
    for (int u = 0; u < U; u++) {
        vec o = vec_load(row + u * LANES), sum = o;
        vec_keep(o);
        if (A) {
            y[u] = vec_fma(ga, o, y[u]);
            sum = vec_fma(ga, x[u], sum);
        }
        if (C) {
            v[u] = vec_fma(gc, o, v[u]);
            sum = vec_fma(gc, z[u], sum);
        }
        vec_store(row + u * LANES, sum);
    }
}

W2V_INLINE void update_few_part(const int P, const int U, const w2v_window *w, const float *g, int j)
{
    float *const *const rows = w->outputs;
    float *const in = w->inputs[0] + j, *const other = w->inputs[P - 1] + j;
    const int S = w->n_outputs, separate = P == 2 && w->separate_centres && S >= 2;
    vec x[8], y[8], z[8], v[8]; /* both inputs x, z and their updates y, v, or with them already */
    UNROLL
    for (int u = 0; u < U; u++) {
        x[u] = y[u] = vec_load(in + u * LANES);
        z[u] = v[u] = vec_load(other + u * LANES);
    }
    if (w->leave_deltas) {
        UNROLL
        for (int u = 0; u < U; u++)
            y[u] = v[u] = vec_set1(0.0f);
    }
    for (int b = 0; b < n_blocks(S); b++) {
        const int s0 = block_start(S, b), B = block_start(S, b + 1) - s0;
        const float *const h = g + (P - 1) * stride_of(B);
        int s = 0;
        if (b == 0 && separate) {
            prefetch_part(w, 0, U, j);
            update_few_row(1, 0, U, rows[0] + j, g[0], 0, x, y, z, v);
            prefetch_part(w, 1, U, j);
            update_few_row(0, 1, U, rows[1] + j, 0, h[1], x, y, z, v);
            s = 2;
        }
        for (; s < B; s++) {
            prefetch_part(w, s0 + s, U, j); /* spread over the loop: few lines can be pending */
            update_few_row(1, P == 2, U, rows[s0 + s] + j, g[s], h[s], x, y, z, v);
        }
        g += P * stride_of(B);
    }
    for (int r = S; r < w->n_prefetch; r++)
        prefetch_part(w, r, U, j);
    UNROLL
    for (int u = 0; u < U; u++) {
        vec_store(in + u * LANES, y[u]);
        if (P == 2)
            vec_store(other + u * LANES, v[u]);
    }
}

W2V_INLINE void update_few(const int P, const w2v_window *w, const float *g)
{
    const int vectors = N_VECTORS(w->n_used);
    for (int parts = (vectors + FEW_PART(P) - 1) / FEW_PART(P), done = 0, U; parts > 0; parts--, done += U) {
        U = (vectors - done + parts - 1) / parts;
#define DO(U) update_few_part(P, U, w, g, done * LANES)
        FOR_EACH_U(DO)
#undef DO
    }
}

#endif
