/* The slots of `w2v_blend`: rows into hidden rows (gather) and back (scatter).
 *
 * U vectors of a sum, or of a change, stay in registers while the rows pass by. The vectors of a row are split into
 * parts of nearly equal size: 7 vectors (d=100 with 16 lanes) are one part, not 4 + 2 + 1. */
#ifndef W2V_BLEND_H
#define W2V_BLEND_H

#include "kernels/blocks.h"

#define BLEND_PART (REGISTERS >= 32 ? 8 : 7)

/* sum[u] += masses[r] * rows[r] */
W2V_INLINE void add_rows(const int U, const int weighted, float *const *rows, const float *masses, int n, int j,
                         vec *sum)
{
    for (int r = 0; r < n; r++) {
        const float *const row = rows[r] + j;
        const vec mass = vec_set1(weighted ? masses[r] : 1.0f);
        UNROLL
        for (int u = 0; u < U; u++) {
            const vec x = vec_load(row + u * LANES);
            sum[u] = weighted ? vec_fma(mass, x, sum[u]) : vec_add(sum[u], x);
        }
    }
}

/* rows[r] += masses[r] * change[u] */
W2V_INLINE void change_rows(const int U, const int weighted, float *const *rows, const float *masses, int n, int j,
                            const vec *change)
{
    for (int r = 0; r < n; r++) {
        float *const row = rows[r] + j;
        const vec mass = vec_set1(weighted ? masses[r] : 1.0f);
        UNROLL
        for (int u = 0; u < U; u++) {
            const vec x = vec_load(row + u * LANES);
            vec_store(row + u * LANES, weighted ? vec_fma(mass, change[u], x) : vec_add(x, change[u]));
        }
    }
}

W2V_INLINE void gather_part(const int H, const int U, const int weighted, const w2v_blend *m, int j)
{
    float *const *rows = m->rows;
    const float *masses = m->masses;
    vec common[8], sum[8];
    UNROLL
    for (int u = 0; u < U; u++)
        common[u] = vec_set1(0.0f);
    add_rows(U, weighted, rows, masses, m->n_common, j, common);
    UNROLL
    for (int k = 0, past = m->n_common; k < H; past += m->n_own[k++]) {
        const vec factor = vec_set1(m->factor[k]);
        UNROLL
        for (int u = 0; u < U; u++)
            sum[u] = common[u];
        add_rows(U, weighted, rows + past, masses + (weighted ? past : 0), m->n_own[k], j, sum);
        UNROLL
        for (int u = 0; u < U; u++) {
            sum[u] = vec_mul(factor, sum[u]);
            vec_store(m->hidden[k] + j + u * LANES, sum[u]);
        }
    }
}

W2V_INLINE void scatter_part(const int H, const int U, const int weighted, const w2v_blend *m, int j)
{
    float *const *rows = m->rows;
    const float *masses = m->masses;
    vec common[8], change[8];
    UNROLL
    for (int u = 0; u < U; u++)
        common[u] = vec_set1(0.0f);
    UNROLL
    for (int k = 0, past = m->n_common; k < H; past += m->n_own[k++]) {
        const vec factor = vec_set1(m->factor[k]);
        UNROLL
        for (int u = 0; u < U; u++) {
            change[u] = vec_mul(factor, vec_load(m->hidden[k] + j + u * LANES));
            common[u] = vec_add(common[u], change[u]);
        }
        change_rows(U, weighted, rows + past, masses + (weighted ? past : 0), m->n_own[k], j, change);
    }
    change_rows(U, weighted, rows, masses, m->n_common, j, common);
}

W2V_INLINE void blend(const int H, const int gathers, const int weighted, const w2v_blend *m)
{
    const int vectors = N_VECTORS(m->n_used);
    for (int parts = (vectors + BLEND_PART - 1) / BLEND_PART, done = 0, U; parts > 0; parts--, done += U) {
        U = (vectors - done + parts - 1) / parts;
        if (gathers) {
#define DO(U) gather_part(H, U, weighted, m, done * LANES)
            FOR_EACH_U(DO)
#undef DO
        } else {
#define DO(U) scatter_part(H, U, weighted, m, done * LANES)
            FOR_EACH_U(DO)
#undef DO
        }
    }
}

W2V_INLINE void blend_any(const int gathers, const w2v_blend *m)
{
    if (m->masses)
        blend(m->n_hidden, gathers, 1, m);
    else if (m->n_hidden == 2)
        blend(2, gathers, 0, m);
    else
        blend(1, gathers, 0, m);
}

static void gather_slot(const w2v_blend *m) { blend_any(1, m); }

static void scatter_slot(const w2v_blend *m) { blend_any(0, m); }

#endif
