/* Rank updates: the rows after a step with a given g.
 *
 * One pass over the dimensions. B output rows and their updates stay in registers while the contexts pass by; each
 * context gets its own update and adds its share to theirs. U vectors of each row are processed together, which halves
 * the loads of g. Pointers may alias as far as the compiler knows, so what a loop needs is copied to locals. */
#ifndef W2V_UPDATE_H
#define W2V_UPDATE_H

#include "kernels/blocks.h"

/* A context's update is a chain of multiply-adds, each waiting for the one before, or two chains (N) that are added at
 * the end. With AVX2 two are faster from 5 rows on (bench/NOTES.md); two vectors together have one chain each. */
#define CHAINS(B) (LANES == 8 && (B) > 4 ? 2 : 1)

/* One or two vectors (U) of B output rows at float j, or half a one. `alone`: the block holds all output rows, so the
 * contexts are updated in place; otherwise their updates are added to `sums`. */
W2V_INLINE void update_step(const int B, const int U, const int half, const int alone, const w2v_window *w, int s0,
                            const float *g, int j, float *sums)
{
    float *const *const in = w->inputs, *const *const rows = w->outputs + s0;
    const int C = w->n_inputs, N = CHAINS(B);
    const int k = U == 2 ? LANES : 0; /* offset of the second vector, or the first again */
    vec o[BLOCK], p[BLOCK], d[BLOCK], e[BLOCK]; /* rows o and updates d of the first vectors, p and e of the second */
    UNROLL
    for (int s = 0; s < B; s++)
        o[s] = load_part(half, rows[s] + j);
    UNROLL
    for (int s = 0; s < B; s++)
        p[s] = load_part(half, rows[s] + j + k);
    UNROLL
    for (int s = 0; s < B; s++)
        d[s] = e[s] = vec_set1(0.0f);
    for (int c = 0; c < C; c++, g += STRIDE(B)) {
        float *const row = in[c] + j, *const into = alone ? row : sums + c * LANES;
        const vec x = load_part(half, row), z = load_part(half, row + k);
        vec y[2] = {alone ? x : vec_load(into), vec_set1(0.0f)}, v = z;
        UNROLL
        for (int s = 0; s < B; s++) {
            const vec gs = set1_part(half, g[s]);
            y[s % N] = N == 2 && s == 1 ? vec_mul(gs, o[s]) : fma_part(half, gs, o[s], y[s % N]);
            d[s] = fma_part(half, gs, x, d[s]);
            if (U == 2) {
                v = vec_fma(gs, p[s], v);
                e[s] = vec_fma(gs, z, e[s]);
            }
        }
        store_part(half, into, N == 1 ? y[0] : vec_add(y[0], y[1]));
        if (U == 2)
            vec_store(into + k, v);
    }
    UNROLL
    for (int s = 0; s < B; s++) {
        store_part(half, rows[s] + j, vec_add(o[s], d[s]));
        if (U == 2)
            vec_store(rows[s] + j + k, vec_add(p[s], e[s]));
    }
}

/* All output rows in one block: the whole update at a constant B. */
W2V_INLINE void update_alone(const int B, const w2v_window *w, const float *g)
{
    const int n = w->n_used;
    int j = 0;
    if (4 * B + 1 <= REGISTERS)
        for (; j + 2 * LANES <= n; j += 2 * LANES) {
            prefetch_line(w, j);
            prefetch_line(w, j + LANES);
            update_step(B, 2, 0, 1, w, 0, g, j, NULL);
        }
    for (; j + LANES <= n; j += LANES) {
        prefetch_line(w, j);
        update_step(B, 1, 0, 1, w, 0, g, j, NULL);
    }
    if (HALVES && j < n) {
        prefetch_line(w, j);
        update_step(B, 1, 1, 1, w, 0, g, j, NULL);
    }
}

#endif
