/* The kernels, written once over the vec_* primitives of the file that includes this one.
 *
 * The including file sets its target and defines
 *   NAME, ISA        suffix of the exported table, its name as a string
 *   LANES            floats in a `vec`, a power of two up to 16
 *   REGISTERS        vector registers
 *   vec_load vec_store vec_set1 vec_add vec_sub vec_mul vec_div vec_fma(a,b,c) = a*b+c
 *   vec_min vec_max  (a, b): b if either is NaN
 *   vec_round        to the nearest integer
 *   vec_pow2         2^n for integral n in [-126, 127]
 *   vec_sums(acc, n) lane i = sum over the lanes of acc[i], i < n <= LANES; n is a constant
 *   vec_keep(a)      nothing, but a must be in a register here
 *   DRAW             the slot `draw`
 *   vec_load2(p, q)  lower half of the lanes from p, upper half from q (not used where LANES is 1)
 *
 * Loops over P (contexts) and B (output rows of a block) have constant bounds: every function here is inlined into
 * a switch over B, so that accumulators live in registers. The g matrix is kept block after block, each (n_inputs,
 * STRIDE(B)): a context's row is padded to whole vectors, or to half a vector where two contexts fit into one.
 *
 * Vectors may alias anything as far as the compiler knows, so what a loop needs of the window is copied to locals.
 */
#include <stddef.h>

#include "kernels/kernels.h"

/* Most output rows of one block. Their updates stay in registers; the rows themselves do as far as there is room, else
 * they are operands from the first-level cache, which costs nothing: two loads go with two multiply-adds. */
#if REGISTERS >= 32
#define BLOCK 16
#else
#define BLOCK 12
#endif

#if defined(_MSC_VER)
#define INLINE static __forceinline
#define UNROLL
#define HIDE(p)
#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#else
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")
#define HIDE(p) __asm__("" : "+r"(p)) /* the compiler cannot know where p points */
#define PREFETCH(p) __builtin_prefetch((p), 1, 3)
#endif

/* ---- sigmoid ----------------------------------------------------------------------------------------------------
 * e / (1 + e) with e = exp(x), no table: x = n ln(2) + r with abs(r) <= ln(2)/2, ln(2) in two parts so that r is
 * exact to the last bits (Cody and Waite 1980), and the exponential series to the 7th power (relative error below
 * 6e-9, less than the rounding). x is held within -87 .. 87, where e neither overflows nor becomes denormal. */
static const float sigmoid_numbers[] = {
    -87.0f, 87.0f, 1.44269504f, 2.12194440e-4f, -0.693359375f, 1.0f / 5040, 1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6,
    0.5f, 1.0f,
};

INLINE vec sigmoid_vec(vec x)
{
    const float *k = sigmoid_numbers;
    HIDE(k); /* read where they are used: kept in registers, they would crowd out the sums */
    const vec one = vec_set1(k[11]);
    x = vec_max(vec_set1(k[0]), vec_min(vec_set1(k[1]), x));
    const vec n = vec_round(vec_mul(x, vec_set1(k[2])));
    const vec r = vec_fma(n, vec_set1(k[3]), vec_fma(n, vec_set1(k[4]), x));
    const vec rr = vec_mul(r, r); /* the terms by twos (Estrin): half as long a way for a step to wait for */
    vec p = vec_fma(vec_set1(k[5]), r, vec_set1(k[6]));
    p = vec_fma(p, rr, vec_fma(vec_set1(k[7]), r, vec_set1(k[8])));
    p = vec_fma(p, rr, vec_fma(vec_set1(k[9]), r, vec_set1(k[10])));
    p = vec_fma(p, rr, vec_add(r, one));
    const vec e = vec_mul(p, vec_pow2(n));
    return vec_div(e, vec_add(e, one));
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
 * P contexts (2 where P * B sums fit into the registers, else 1) against B output rows, then all lanes summed in a
 * tree. The sums are kept as they are, or made into g at once, while the next group is under way. */
#define PAIRED(B) (LANES > 1 && 2 * (B) <= LANES)
#define STRIDE(B) (PAIRED(B) ? LANES / 2 : ((B) + LANES - 1) / LANES * LANES)

/* labels and weights of a context's kind, from output s on */
INLINE const float *pattern(const w2v_window *w, int c, int s)
{
    return w->patterns + 2 * w->kinds[c] * w->pattern_floats + s;
}

INLINE vec gradient_vec(vec sums, vec labels, vec weights, float alpha)
{
    return vec_mul(vec_set1(alpha), vec_sub(labels, vec_mul(weights, sigmoid_vec(sums))));
}

/* Sums of both contexts in one vector: lanes 0 .. B-1 and LANES/2 .. LANES/2 + B-1; the others hold something finite
 * of no meaning, which the patterns' zeros turn into zeros. */
INLINE vec paired_sums(const int B, const vec *acc)
{
    vec all[LANES];
    UNROLL for (int k = 0; k < LANES / 2; k++) {
        all[k] = acc[k < B ? k : 0];
        all[LANES / 2 + k] = acc[k < B ? B + k : 0];
    }
    return vec_sums(all, LANES);
}

INLINE void finish_group(const int P, const int B, const int as_gradient, const w2v_window *w, int c, int s0,
                         const vec *acc, float *out)
{
    const int width = w->pattern_floats;
    if (PAIRED(B)) {
        vec sums = P == 2 ? paired_sums(B, acc) : vec_sums(acc, B);
        if (as_gradient) {
            const float *const p = pattern(w, c, s0), *const q = pattern(w, c + P - 1, s0);
            sums = gradient_vec(sums, vec_load2(p, q), vec_load2(p + width, q + width), w->alpha);
        }
        vec_store(out, sums); /* of a single context, the upper half lies in the slack */
        return;
    }
    UNROLL for (int i = 0; i < P; i++) {
        const float *const p = pattern(w, c + i, s0);
        UNROLL for (int s = 0; s < B; s += LANES) {
            vec sums = vec_sums(acc + i * B + s, B - s < LANES ? B - s : LANES);
            if (as_gradient)
                sums = gradient_vec(sums, vec_load(p + s), vec_load(p + width + s), w->alpha);
            vec_store(out + i * STRIDE(B) + s, sums);
        }
    }
}

INLINE void score_group(const int P, const int B, const int apart, const int as_gradient, const w2v_window *w, int c,
                        int s0, float *out)
{
    const float *const x0 = w->inputs[c], *const x1 = w->inputs[c + P - 1];
    const int n = w->n_floats;
    const float *rows[BLOCK];
    vec acc[2 * BLOCK];
    UNROLL for (int s = 0; s < B; s++) rows[s] = w->outputs[s0 + s];
    UNROLL for (int k = 0; k < P * B; k++) acc[k] = vec_set1(0.0f);
    for (int j = 0; j < n; j += LANES) {
        vec a = vec_load(x0 + j), b = vec_load(x1 + j);
        vec_keep(a);
        vec_keep(b);
        UNROLL for (int s = 0; s < B; s++) {
            vec o = vec_load(rows[s] + j);
            vec_keep(o); /* one load for both products: GCC would make it an operand of each */
            if (!(apart && s == 1))
                acc[s] = vec_fma(a, o, acc[s]);
            if (P == 2 && !(apart && s == 0))
                acc[B + s] = vec_fma(b, o, acc[B + s]);
        }
    }
    finish_group(P, B, as_gradient, w, c, s0, acc, out);
}

INLINE void score_block(const int B, const int as_gradient, const w2v_window *w, int s0, float *out)
{
    const int C = w->n_inputs;
    int c = 0;
    if (2 * B + 2 <= REGISTERS) {
        if (w->apart && s0 == 0 && B > 1) {
            score_group(2, B, 1, as_gradient, w, 0, 0, out);
            return;
        }
        for (; c + 2 <= C; c += 2)
            score_group(2, B, 0, as_gradient, w, c, s0, out + c * STRIDE(B));
    }
    for (; c < C; c++)
        score_group(1, B, 0, as_gradient, w, c, s0, out + c * STRIDE(B));
}

/* ---- rank updates -----------------------------------------------------------------------------------------------
 * One pass over the dimensions: B output rows and their updates stay in registers while the contexts walk by, each
 * taking its own update and leaving its share of theirs. U vectors of each row go together, which halves the loads of
 * g. Rows needed soon are prefetched a cache line a step. */
INLINE void update_step(const int B, const int U, const int alone, const w2v_window *w, int s0, const float *g, int j,
                        float *sums)
{
    float *const *const in = w->inputs, *const *const rows = w->outputs + s0;
    const int C = w->n_inputs, k = U == 2 ? LANES : 0; /* offset of the second vector, or the first again */
    vec o[BLOCK], p[BLOCK], d[BLOCK], e[BLOCK]; /* rows o and updates d of the first vectors, p and e of the second */
    UNROLL for (int s = 0; s < B; s++) o[s] = vec_load(rows[s] + j);
    UNROLL for (int s = 0; s < B; s++) p[s] = vec_load(rows[s] + j + k);
    UNROLL for (int s = 0; s < B; s++) d[s] = e[s] = vec_set1(0.0f);
    for (int c = 0; c < C; c++, g += STRIDE(B)) {
        float *const row = in[c] + j, *const into = alone ? row : sums + c * LANES;
        const vec x = vec_load(row), z = vec_load(row + k);
        vec y = alone ? x : vec_load(into), v = z;
        UNROLL for (int s = 0; s < B; s++) {
            const vec gs = vec_set1(g[s]);
            y = vec_fma(gs, o[s], y);
            d[s] = vec_fma(gs, x, d[s]);
            if (U == 2) {
                v = vec_fma(gs, p[s], v);
                e[s] = vec_fma(gs, z, e[s]);
            }
        }
        vec_store(into, y);
        if (U == 2)
            vec_store(into + k, v);
    }
    UNROLL for (int s = 0; s < B; s++) {
        vec_store(rows[s] + j, vec_add(o[s], d[s]));
        if (U == 2)
            vec_store(rows[s] + j + k, vec_add(p[s], e[s]));
    }
}

INLINE void prefetch_line(const w2v_window *w, int j)
{
    const float *const *const rows = w->prefetch;
    const int n = w->n_prefetch;
    if (j % W2V_ROW_FLOATS == 0)
        for (int r = 0; r < n; r++)
            PREFETCH(rows[r] + j);
}

/* All output rows in one block: the whole update at a constant B. */
INLINE void update_alone(const int B, const w2v_window *w, const float *g)
{
    const int n = w->n_floats;
    int j = 0;
    if (4 * B + 1 <= REGISTERS)
        for (; j + 2 * LANES <= n; j += 2 * LANES) {
            prefetch_line(w, j);
            prefetch_line(w, j + LANES);
            update_step(B, 2, 1, w, 0, g, j, NULL);
        }
    for (; j < n; j += LANES) {
        prefetch_line(w, j);
        update_step(B, 1, 1, w, 0, g, j, NULL);
    }
}

/* Constant bounds for what comes next: a switch over them, in which everything is inlined. */
#define CASES_TO_8(DO)                                                                                                \
    case 1: DO(1); break;                                                                                             \
    case 2: DO(2); break;                                                                                             \
    case 3: DO(3); break;                                                                                             \
    case 4: DO(4); break;                                                                                             \
    case 5: DO(5); break;                                                                                             \
    case 6: DO(6); break;                                                                                             \
    case 7: DO(7); break;                                                                                             \
    case 8: DO(8); break;

/* Output rows go in blocks of nearly equal size, of which most steps have one. */
INLINE int n_blocks(int n_outputs) { return (n_outputs + BLOCK - 1) / BLOCK; }

INLINE int block_start(int n_outputs, int b)
{
    const int n = n_blocks(n_outputs);
    if (n == 1)
        return b * n_outputs; /* without the division */
    const int size = n_outputs / n, larger = n_outputs % n;
    return b * size + (b < larger ? b : larger);
}

/* Room that the g of a block, or of the blocks before s0, takes; an upper bound serves as well as the exact number. */
INLINE int g_floats(int n_inputs, int n_outputs) { return n_inputs * (2 * n_outputs + 16); }

INLINE int stride_of(int B) { return STRIDE(B); }

#include "kernels/kernels_few.h"

#define FOR_EACH_B(DO)                                                                                                \
    switch (B) {                                                                                                      \
    CASES_TO_8(DO)                                                                                                    \
    case 9: DO(9); break;                                                                                             \
    case 10: DO(10); break;                                                                                           \
    case 11: DO(11); break;                                                                                           \
    case 12: DO(12); break;                                                                                           \
    FOR_LARGE_B(DO)                                                                                                   \
    }
#if BLOCK == 16
#define FOR_LARGE_B(DO)                                                                                               \
    case 13: DO(13); break;                                                                                           \
    case 14: DO(14); break;                                                                                           \
    case 15: DO(15); break;                                                                                           \
    case 16: DO(16); break;
#else
#define FOR_LARGE_B(DO)
#endif

/* ---- more output rows than one block holds: blocks of nearly equal size -----------------------------------------*/

static void score_blocks(const w2v_window *w, int as_gradient, float *out)
{
    const int S = w->n_outputs;
    for (int b = 0; b < n_blocks(S); b++) {
        const int s0 = block_start(S, b), B = block_start(S, b + 1) - s0;
        if (as_gradient) {
#define DO(B) score_block(B, 1, w, s0, out)
            FOR_EACH_B(DO)
#undef DO
        } else {
#define DO(B) score_block(B, 0, w, s0, out)
            FOR_EACH_B(DO)
#undef DO
        }
        out += w->n_inputs * stride_of(B);
    }
}

/* The contexts' updates are summed over the blocks beside the rows (`sums`: n_inputs vectors), because every block
 * must still see the old rows. */
static void update_blocks(const w2v_window *w, const float *g, float *sums)
{
    const int S = w->n_outputs, C = w->n_inputs;
    for (int j = 0; j < w->n_floats; j += LANES) {
        const float *part = g;
        prefetch_line(w, j);
        for (int c = 0; c < C; c++)
            vec_store(sums + c * LANES, vec_set1(0.0f));
        for (int b = 0; b < n_blocks(S); b++) {
            const int s0 = block_start(S, b), B = block_start(S, b + 1) - s0;
#define DO(B) update_step(B, 1, 0, w, s0, part, j, sums)
            FOR_EACH_B(DO)
#undef DO
            part += C * stride_of(B);
        }
        for (int c = 0; c < C; c++)
            vec_store(w->inputs[c] + j, vec_add(vec_load(w->inputs[c] + j), vec_load(sums + c * LANES)));
    }
}

/* ---- the slots --------------------------------------------------------------------------------------------------
 * `work` holds the g of all blocks, the slack of the last store, then the sums. */

static void update_rows(const w2v_window *w, float *g)
{
    const int S = w->n_outputs, B = S;
    if (w->n_inputs == 1) {
        update_few(1, w, g);
        return;
    }
    if (w->n_inputs == 2 && w->inputs[0] != w->inputs[1]) {
        update_few(2, w, g);
        return;
    }
    if (S > BLOCK) {
        update_blocks(w, g, g + (g_floats(w->n_inputs, S) + 31) / 16 * 16);
        return;
    }
#define DO(B) update_alone(B, w, g)
    FOR_EACH_B(DO)
#undef DO
}

static void window_update_slot(const w2v_window *w)
{
    if (w->n_inputs == 0)
        return;
    score_blocks(w, 1, w->work);
    update_rows(w, w->work);
}

static void scores_slot(const w2v_window *w, float *out)
{
    const int S = w->n_outputs, C = w->n_inputs;
    const float *part = w->work;
    score_blocks(w, 0, w->work);
    for (int b = 0; b < n_blocks(S); b++) {
        const int s0 = block_start(S, b), B = block_start(S, b + 1) - s0;
        for (int c = 0; c < C; c++)
            for (int s = 0; s < B; s++)
                out[c * S + s0 + s] = part[c * stride_of(B) + s];
        part += C * stride_of(B);
    }
}

static void rank_update_slot(const w2v_window *w, const float *g)
{
    const int S = w->n_outputs, C = w->n_inputs;
    float *part = w->work;
    for (int b = 0; b < n_blocks(S); b++) {
        const int s0 = block_start(S, b), B = block_start(S, b + 1) - s0;
        for (int c = 0; c < C; c++)
            for (int s = 0; s < B; s++)
                part[c * stride_of(B) + s] = g[c * S + s0 + s];
        part += C * stride_of(B);
    }
    if (C)
        update_rows(w, w->work);
}

#include "kernels/kernels_blend.h"

const w2v_kernels NAME = {ISA,          LANES,       window_update_slot, scores_slot, rank_update_slot,
                          sigmoid_slot, gather_slot, scatter_slot,       DRAW};
