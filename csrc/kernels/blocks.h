/* What the parts of the kernels share: limits of one block of output rows, loops with constant bounds, prefetch.
 *
 * Needs LANES and REGISTERS from the including file of an instruction set (kernels_template.h lists its macros). */
#ifndef W2V_BLOCKS_H
#define W2V_BLOCKS_H

#include <stddef.h>

#include "base.h"
#include "kernels/kernels.h"

/* SCORED: most output rows whose scores for two contexts are computed together. The sums, and a vector of each context,
 * stay in registers.
 * BLOCK: most output rows of one block. Their updates stay in registers. The rows themselves do so as far as there is
 * room; the others are operands from the first-level cache, which costs nothing: two loads go with two multiply-adds. */
#if REGISTERS >= 32
#define SCORED 15
#define BLOCK 16
#else
#define SCORED 7
#define BLOCK 12
#endif

#define UNROLL _Pragma("GCC unroll 16")
#define HIDE(p) __asm__("" : "+r"(p)) /* the compiler cannot know where p points */

/* ---- the last vector of a row -----------------------------------------------------------------------------------
 * Vectors of 16 floats may need only the first half of the last one; that half alone is cheaper where the processor
 * works on 32 bytes at a time. `half` is a constant. */
#define HALVES (LANES > W2V_USED_FLOATS)
#define N_VECTORS(n_used) (((n_used) + LANES - 1) / LANES)
#if !HALVES
#define vec_load_half vec_load
#define vec_store_half vec_store
#define vec_set1_half vec_set1
#define vec_fma_half vec_fma
#define vec_mul_half vec_mul
#endif

W2V_INLINE vec load_part(const int half, const float *p) { return half ? vec_load_half(p) : vec_load(p); }

W2V_INLINE vec set1_part(const int half, float a) { return half ? vec_set1_half(a) : vec_set1(a); }

W2V_INLINE vec fma_part(const int half, vec a, vec b, vec c) { return half ? vec_fma_half(a, b, c) : vec_fma(a, b, c); }

W2V_INLINE void store_part(const int half, float *p, vec a)
{
    if (half)
        vec_store_half(p, a);
    else
        vec_store(p, a);
}

/* ---- the layout of g --------------------------------------------------------------------------------------------
 * The matrix g is stored block by block, each (n_inputs, STRIDE(B)): a context's row is padded to whole vectors, or to
 * half a vector where two contexts fit into one. */
#define PAIRED(B) (LANES > 1 && 2 * (B) <= LANES)
#define STRIDE(B) (PAIRED(B) ? LANES / 2 : ((B) + LANES - 1) / LANES * LANES)

/* Output rows are split into blocks of nearly equal size. Most steps have one block. */
W2V_INLINE int n_blocks(int n_outputs) { return (n_outputs + BLOCK - 1) / BLOCK; }

W2V_INLINE int block_start(int n_outputs, int b)
{
    const int n = n_blocks(n_outputs);
    if (n == 1)
        return b * n_outputs; /* without the division */
    const int size = n_outputs / n, larger = n_outputs % n;
    return b * size + (b < larger ? b : larger);
}

/* An upper bound of the floats of g. */
W2V_INLINE int g_floats(int n_inputs, int n_outputs) { return n_inputs * (2 * n_outputs + 16); }

W2V_INLINE int stride_of(int B) { return STRIDE(B); }

/* ---- constant bounds --------------------------------------------------------------------------------------------
 * A switch over the number of rows B or of vectors U: everything is inlined into each case, where the bound is a
 * constant and sums live in registers. */
#define CASES_TO_7(DO)    \
    case 1: DO(1); break; \
    case 2: DO(2); break; \
    case 3: DO(3); break; \
    case 4: DO(4); break; \
    case 5: DO(5); break; \
    case 6: DO(6); break; \
    case 7: DO(7); break;

#define CASES_FROM_8_TO_12(DO) \
    case 8: DO(8); break;      \
    case 9: DO(9); break;      \
    case 10: DO(10); break;    \
    case 11: DO(11); break;    \
    case 12: DO(12); break;

#define CASES_FROM_13_TO_15(DO) \
    case 13: DO(13); break;     \
    case 14: DO(14); break;     \
    case 15: DO(15); break;

#define FOR_EACH_U(DO)        \
    switch (U) {              \
        CASES_TO_7(DO)        \
    case 8: DO(8); break;     \
    }

#if BLOCK == 16
#define FOR_EACH_B(DO)          \
    switch (B) {                \
        CASES_TO_7(DO)          \
        CASES_FROM_8_TO_12(DO)  \
        CASES_FROM_13_TO_15(DO) \
    case 16: DO(16); break;     \
    }
#define FOR_EACH_SCORED(DO)     \
    switch (B) {                \
        CASES_TO_7(DO)          \
        CASES_FROM_8_TO_12(DO)  \
        CASES_FROM_13_TO_15(DO) \
    }
#else
#define FOR_EACH_B(DO)         \
    switch (B) {               \
        CASES_TO_7(DO)         \
        CASES_FROM_8_TO_12(DO) \
    }
#define FOR_EACH_SCORED(DO) \
    switch (B) {            \
        CASES_TO_7(DO)      \
    }
#endif

/* ---- prefetch ---------------------------------------------------------------------------------------------------
 * Rows needed soon are fetched cache line by cache line, spread over the loops: a core tracks few pending lines. */

/* The cache line at float j of every row. */
W2V_INLINE void prefetch_line(const w2v_window *w, int j)
{
    const float *const *const rows = w->prefetch;
    const int n = w->n_prefetch;
    if (j % W2V_ROW_FLOATS == 0)
        for (int r = 0; r < n; r++)
            w2v_prefetch_write(rows[r] + j);
}

/* U vectors of row r from float j on. */
W2V_INLINE void prefetch_part(const w2v_window *w, int r, const int U, int j)
{
    if (r < w->n_prefetch) {
        const float *const row = w->prefetch[r] + j;
        UNROLL
        for (int u = 0; u < U; u++)
            if (LANES >= W2V_ROW_FLOATS || (j + u * LANES) % W2V_ROW_FLOATS == 0)
                w2v_prefetch_write(row + u * LANES);
    }
}

#endif
