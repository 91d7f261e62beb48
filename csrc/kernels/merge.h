/* What training in rounds (rounds/merge.h) needs: sums of squares of g, and the arithmetic of a merge. */
#ifndef W2V_MERGE_KERNELS_H
#define W2V_MERGE_KERNELS_H

#include "kernels/blocks.h"
#include "kernels/sigmoid.h"

/* Add the squares of g to those of the window. The lanes of g after the last output of a block are zeros, so whole
 * strides can be added up. */
static void add_squares(const w2v_window *w, const float *g)
{
    const int S = w->n_outputs, C = w->n_inputs;
    for (int b = 0; b < n_blocks(S); b++) {
        const int s0 = block_start(S, b), B = block_start(S, b + 1) - s0, stride = stride_of(B);
        float columns[STRIDE(BLOCK)] = {0};
        for (int c = 0; c < C; c++, g += stride) {
            float sum = 0;
            for (int s = 0; s < stride; s++)
                columns[s] += g[s] * g[s];
            for (int s = 0; s < B; s++)
                sum += g[s] * g[s];
            w->input_squares[c] += sum;
        }
        for (int s = 0; s < B; s++)
            w->output_squares[s0 + s] += columns[s];
    }
}

/* Rows against a tile of columns of the basis: R * V sums in registers. A tile of one vector has more rows, so that the
 * multiply-adds need not wait for each other. */
#define TILE (REGISTERS >= 32 ? 4 : 2)
#define TILE_ROWS (REGISTERS >= 32 ? 6 : 4)
#define STRIP_ROWS (REGISTERS >= 32 ? 8 : 4)

W2V_INLINE void rotate_tile(const int R, const int V, const float *rows, int length, const float *basis, int stride,
                            int n_out, float *out)
{
    vec acc[24];
    UNROLL
    for (int k = 0; k < R * V; k++)
        acc[k] = vec_set1(0.0f);
    for (ptrdiff_t i = 0; i < length; i++) {
        const float *const from = basis + i * stride;
        vec b[TILE];
        UNROLL
        for (int v = 0; v < V; v++)
            b[v] = vec_load(from + v * LANES);
        UNROLL
        for (int r = 0; r < R; r++) {
            const vec x = vec_set1(rows[(ptrdiff_t)r * length + i]);
            UNROLL
            for (int v = 0; v < V; v++)
                acc[r * V + v] = vec_fma(x, b[v], acc[r * V + v]);
        }
    }
    UNROLL
    for (int k = 0; k < R * V; k++)
        vec_store(out + (ptrdiff_t)(k / V) * n_out + k % V * LANES, acc[k]);
}

/* All rows against one tile of columns: groups of R rows, then single ones. */
W2V_INLINE void rotate_columns(const int R, const int V, const float *rows, int n, int length, const float *basis,
                               int stride, int n_out, float *out)
{
    int r = 0;
    for (; r + R <= n; r += R)
        rotate_tile(R, V, rows + (ptrdiff_t)r * length, length, basis, stride, n_out, out + (ptrdiff_t)r * n_out);
    for (; r < n; r++)
        rotate_tile(1, V, rows + (ptrdiff_t)r * length, length, basis, stride, n_out, out + (ptrdiff_t)r * n_out);
}

static void rotate_slot(const float *rows, int n, int length, const float *basis, int n_out, int stride, float *out)
{
    int j = 0;
    for (; j + TILE * LANES <= n_out; j += TILE * LANES)
        rotate_columns(TILE_ROWS, TILE, rows, n, length, basis + j, stride, n_out, out + j);
    for (; j < n_out; j += LANES)
        rotate_columns(STRIP_ROWS, 1, rows, n, length, basis + j, stride, n_out, out + j);
}

/* phi(z) = (1 - exp(-z)) / z. Below LEAST_SHARE 1 - exp(-z) would lose its digits, and the line with slope -1/2 takes
 * over: an error of 3e-6. */
#define LEAST_SHARE 0.004f

W2V_INLINE vec phi_vec(vec z)
{
    const vec zero = vec_set1(0.0f), at = vec_max(vec_set1(LEAST_SHARE), z);
    const vec phi = vec_div(vec_sub(vec_set1(1.0f), exp_vec(vec_sub(zero, at))), at);
    return vec_fma(vec_set1(0.5f), vec_sub(at, vec_max(zero, z)), phi);
}

static void add_change_slot(const float *row, const float *base, float h, int n_floats, float *sum, float *weighted)
{
    const vec factor = vec_set1(h);
    for (int j = 0; j < n_floats; j += LANES) {
        const vec x = vec_load(row + j), change = vec_bfloat16(base ? vec_sub(x, vec_load(base + j)) : x);
        vec_store(sum + j, vec_add(vec_load(sum + j), change));
        vec_store(weighted + j, vec_fma(factor, change, vec_load(weighted + j)));
    }
}

static void correct_slot(float *sum, const float *weighted, const float *eigenvalues, float total, float mean,
                         int n_floats)
{
    const vec one = vec_set1(1.0f), least = vec_set1(LEAST_SHARE);
    for (int j = 0; j < n_floats; j += LANES) {
        const vec e = vec_load(eigenvalues + j), s = vec_load(sum + j);
        const vec z = vec_max(least, vec_mul(vec_set1(mean), e)); /* the slope of 1 / phi is 1/2 below */
        const vec slope = vec_div(vec_sub(vec_div(one, phi_vec(z)), one), z);
        const vec share = vec_fma(vec_mul(slope, e), vec_load(weighted + j), s);
        vec_store(sum + j, vec_sub(vec_mul(phi_vec(vec_mul(vec_set1(total), e)), share), s));
    }
}

static void add_outer_slot(const float *row, float weight, int n_floats, float *sums)
{
    for (int i = 0; i < n_floats; i++) {
        const vec x = vec_set1(weight * row[i]);
        float *const into = sums + (size_t)i * (size_t)n_floats;
        for (int j = 0; j < n_floats; j += LANES)
            vec_store(into + j, vec_fma(x, vec_load(row + j), vec_load(into + j)));
    }
}

#endif
