/* The kernels, written once over the vec_* primitives of the file that includes this one.
 *
 * The including file sets its target and defines
 *   NAME, ISA        suffix of the exported table, its name as a string
 *   LANES            floats in a `vec`, a power of two up to 16
 *   BLOCK            most output rows kept in registers at once (BLOCK rows and as many updates, plus a few)
 *   vec_load vec_store vec_set1 vec_add vec_sub vec_mul vec_div vec_fma(a,b,c) = a*b+c
 *   vec_min vec_max  (a, b): b if either is NaN
 *   vec_round        to the nearest integer
 *   vec_pow2         2^n for integral n in [-126, 127]
 *   vec_sums(acc, n) lane i = sum over the lanes of acc[i], i < n <= LANES; n is a constant
 *
 * Loops over P (contexts) and B (output rows of a block) have constant bounds: every function here is inlined into
 * a switch over B, so that accumulators live in registers. The g matrix is kept block after block: (n_inputs, B) of
 * the first block, then of the next.
 */
#include <stddef.h>

#include "kernels.h"

#if defined(_MSC_VER)
#define INLINE static __forceinline
#define UNROLL
#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#else
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")
#define PREFETCH(p) __builtin_prefetch((p), 1, 3)
#endif

/* ---- sigmoid ----------------------------------------------------------------------------------------------------
 * e / (1 + e) with e = exp(x), no table: x = n ln(2) + r with abs(r) <= ln(2)/2, ln(2) in two parts so that r is
 * exact to the last bits (Cody and Waite 1980), and the exponential series to the 7th power (relative error below
 * 6e-9, less than the rounding). x is held within -87 .. 87, where e neither overflows nor becomes denormal. */
INLINE vec sigmoid_vec(vec x)
{
    x = vec_max(vec_set1(-87.0f), vec_min(vec_set1(87.0f), x));
    const vec n = vec_round(vec_mul(x, vec_set1(1.44269504f)));
    const vec r = vec_fma(n, vec_set1(2.12194440e-4f), vec_fma(n, vec_set1(-0.693359375f), x));
    vec p = vec_set1(1.0f / 5040);
    p = vec_fma(p, r, vec_set1(1.0f / 720));
    p = vec_fma(p, r, vec_set1(1.0f / 120));
    p = vec_fma(p, r, vec_set1(1.0f / 24));
    p = vec_fma(p, r, vec_set1(1.0f / 6));
    p = vec_fma(p, r, vec_set1(0.5f));
    p = vec_fma(p, r, vec_set1(1.0f));
    p = vec_fma(p, r, vec_set1(1.0f));
    const vec e = vec_mul(p, vec_pow2(n));
    return vec_div(e, vec_add(e, vec_set1(1.0f)));
}

static void sigmoid_slot(float *values, int n)
{
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        vec_store(values + i, sigmoid_vec(vec_load(values + i)));
    if (i < n) {
        float tail[LANES] = {0};
        for (int k = 0; k < n - i; k++)
            tail[k] = values[i + k];
        vec_store(tail, sigmoid_vec(vec_load(tail)));
        for (int k = 0; k < n - i; k++)
            values[i + k] = tail[k];
    }
}

/* ---- scores -----------------------------------------------------------------------------------------------------
 * P contexts (1 or 2) against B output rows: P * B sums in registers, then all lanes summed in a tree. */

/* 1 where a score belongs to the centre word: at the start of each context's B scores, in the first block only. */
#define LABEL(B) [B] = {[0] = 1.0f, [B] = 1.0f}
static const float LABELS[13][24 + LANES] = {LABEL(1), LABEL(2), LABEL(3), LABEL(4),  LABEL(5),  LABEL(6),
                                             LABEL(7), LABEL(8), LABEL(9), LABEL(10), LABEL(11), LABEL(12)};
static const float NO_LABELS[24 + LANES];

/* What becomes of the sums: kept as they are, or made into g at once, while the next pair is under way. */
INLINE void score_group(const int P, const int B, const int as_gradient, const w2v_window *w, int c, int s0,
                        const float *labels, float *out)
{
    const float *const x0 = w->inputs[c], *const x1 = w->inputs[c + P - 1];
    float *const *const rows = w->outputs + s0;
    vec acc[2 * BLOCK];
    UNROLL for (int k = 0; k < P * B; k++) acc[k] = vec_set1(0.0f);
    for (int j = 0; j < w->n_floats; j += LANES) {
        const vec a = vec_load(x0 + j), b = vec_load(x1 + j);
        UNROLL for (int s = 0; s < B; s++) {
            const vec o = vec_load(rows[s] + j);
            acc[s] = vec_fma(a, o, acc[s]);
            if (P == 2)
                acc[B + s] = vec_fma(b, o, acc[B + s]);
        }
    }
    UNROLL for (int k = 0; k < P * B; k += LANES)
    {
        vec sums = vec_sums(acc + k, P * B - k < LANES ? P * B - k : LANES);
        if (as_gradient)
            sums = vec_mul(vec_set1(w->alpha), vec_sub(vec_load(labels + k), sigmoid_vec(sums)));
        vec_store(out + k, sums); /* lanes past P * B are overwritten by the next group or lie in the slack */
    }
}

INLINE void score_block(const int B, const int as_gradient, const w2v_window *w, int s0, float *out)
{
    const float *labels = s0 == 0 ? LABELS[B] : NO_LABELS;
    int c = 0;
    for (; c + 2 <= w->n_inputs; c += 2)
        score_group(2, B, as_gradient, w, c, s0, labels, out + c * B);
    if (c < w->n_inputs)
        score_group(1, B, as_gradient, w, c, s0, labels, out + c * B);
}

/* ---- rank updates -----------------------------------------------------------------------------------------------
 * One pass over the dimensions: B output rows and their updates stay in registers while the contexts walk by, each
 * taking its own update and leaving its share of theirs. Rows needed soon are prefetched a cache line a step. */
INLINE void update_step(const int B, const int alone, const w2v_window *w, int s0, const float *g, int j, float *sums)
{
    float *const *const rows = w->outputs + s0;
    vec o[BLOCK], d[BLOCK];
    UNROLL for (int s = 0; s < B; s++) o[s] = vec_load(rows[s] + j);
    UNROLL for (int s = 0; s < B; s++) d[s] = vec_set1(0.0f);
    for (int c = 0; c < w->n_inputs; c++, g += B) {
        const vec x = vec_load(w->inputs[c] + j);
        vec y = alone ? x : vec_load(sums + c * LANES);
        UNROLL for (int s = 0; s < B; s++) {
            const vec gs = vec_set1(g[s]);
            y = vec_fma(gs, o[s], y);
            d[s] = vec_fma(gs, x, d[s]);
        }
        vec_store(alone ? w->inputs[c] + j : sums + c * LANES, y);
    }
    UNROLL for (int s = 0; s < B; s++) vec_store(rows[s] + j, vec_add(o[s], d[s]));
}

INLINE void prefetch_line(const w2v_window *w, int n_rows, int j)
{
    if (j % W2V_ROW_FLOATS == 0) {
        UNROLL for (int r = 0; r < n_rows; r++) PREFETCH(w->prefetch[r] + j);
    }
}

#define FOR_EACH_B(DO)                                                                                                \
    switch (B) {                                                                                                      \
    case 1: DO(1); break;                                                                                             \
    case 2: DO(2); break;                                                                                             \
    case 3: DO(3); break;                                                                                             \
    case 4: DO(4); break;                                                                                             \
    case 5: DO(5); break;                                                                                             \
    case 6: DO(6); break;                                                                                             \
    FOR_LARGE_B(DO)                                                                                                   \
    }
#if BLOCK >= 12
#define FOR_LARGE_B(DO)                                                                                               \
    case 7: DO(7); break;                                                                                             \
    case 8: DO(8); break;                                                                                             \
    case 9: DO(9); break;                                                                                             \
    case 10: DO(10); break;                                                                                           \
    case 11: DO(11); break;                                                                                           \
    case 12: DO(12); break;
#else
#define FOR_LARGE_B(DO)
#endif

/* All output rows in one block: the whole step at a constant B. */
INLINE void update_alone(const int B, const w2v_window *w, const float *g)
{
    for (int j = 0; j < w->n_floats; j += LANES) {
        prefetch_line(w, B + 1, j);
        update_step(B, 1, w, 0, g, j, NULL);
    }
}

/* ---- more output rows than registers: blocks of nearly equal size ------------------------------------------- */

INLINE int n_blocks(int n_outputs) { return (n_outputs + BLOCK - 1) / BLOCK; }

INLINE int block_start(int n_outputs, int b)
{
    const int n = n_blocks(n_outputs), size = n_outputs / n, larger = n_outputs % n;
    return b * size + (b < larger ? b : larger);
}

static void score_blocks(const w2v_window *w, int as_gradient, float *out)
{
    const int S = w->n_outputs;
    for (int b = 0; b < n_blocks(S); b++) {
        const int s0 = block_start(S, b), B = block_start(S, b + 1) - s0;
        float *const part = out + s0 * w->n_inputs;
        if (as_gradient) {
#define DO(B) score_block(B, 1, w, s0, part)
            FOR_EACH_B(DO)
#undef DO
        } else {
#define DO(B) score_block(B, 0, w, s0, part)
            FOR_EACH_B(DO)
#undef DO
        }
    }
}

/* The contexts' updates are summed over the blocks beside the rows (`sums`: n_inputs vectors), because every block
 * must still see the old rows. */
static void update_blocks(const w2v_window *w, const float *g, float *sums)
{
    const int S = w->n_outputs, C = w->n_inputs;
    for (int j = 0; j < w->n_floats; j += LANES) {
        prefetch_line(w, S + 1, j);
        for (int c = 0; c < C; c++)
            vec_store(sums + c * LANES, vec_set1(0.0f));
        for (int b = 0; b < n_blocks(S); b++) {
            const int s0 = block_start(S, b), B = block_start(S, b + 1) - s0;
            const float *const part = g + s0 * C;
#define DO(B) update_step(B, 0, w, s0, part, j, sums)
            FOR_EACH_B(DO)
#undef DO
        }
        for (int c = 0; c < C; c++)
            vec_store(w->inputs[c] + j, vec_add(vec_load(w->inputs[c] + j), vec_load(sums + c * LANES)));
    }
}

/* ---- the slots --------------------------------------------------------------------------------------------------*/

/* Room in `work`: g of all blocks and the slack of its last store; then the sums, 64-byte aligned. */
INLINE float *sums_after(const w2v_window *w, float *g)
{
    return g + (w->n_inputs * w->n_outputs + LANES + W2V_ROW_FLOATS) / W2V_ROW_FLOATS * W2V_ROW_FLOATS;
}

static void update_slot(const w2v_window *w, const float *g, float *sums)
{
    const int B = w->n_outputs;
    if (w->n_inputs == 0)
        return;
    if (B > BLOCK)
        update_blocks(w, g, sums);
    else {
#define DO(B) update_alone(B, w, g)
        FOR_EACH_B(DO)
#undef DO
    }
}

static void window_update_slot(const w2v_window *w)
{
    const int B = w->n_outputs;
    float *const g = w->work;
    if (w->n_inputs == 0)
        return;
    if (B > BLOCK) {
        score_blocks(w, 1, g);
        update_blocks(w, g, sums_after(w, g));
        return;
    }
#define DO(B) (score_block(B, 1, w, 0, g), update_alone(B, w, g))
    FOR_EACH_B(DO)
#undef DO
}

static void scores_slot(const w2v_window *w, float *out)
{
    const int S = w->n_outputs, C = w->n_inputs;
    score_blocks(w, 0, w->work);
    for (int b = 0; b < n_blocks(S); b++) {
        const int s0 = block_start(S, b), B = block_start(S, b + 1) - s0;
        for (int c = 0; c < C; c++)
            for (int s = 0; s < B; s++)
                out[c * S + s0 + s] = w->work[s0 * C + c * B + s];
    }
}

static void rank_update_slot(const w2v_window *w, const float *g)
{
    const int S = w->n_outputs, C = w->n_inputs;
    float *const ordered = w->work;
    for (int b = 0; b < n_blocks(S); b++) {
        const int s0 = block_start(S, b), B = block_start(S, b + 1) - s0;
        for (int c = 0; c < C; c++)
            for (int s = 0; s < B; s++)
                ordered[s0 * C + c * B + s] = g[c * S + s0 + s];
    }
    update_slot(w, ordered, sums_after(w, ordered));
}

const w2v_kernels NAME = {ISA, LANES, window_update_slot, scores_slot, rank_update_slot, sigmoid_slot};
