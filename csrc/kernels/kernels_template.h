/* The kernels, written once over the vec_* primitives of the file that includes this one.
 *
 * The including file sets its target and defines
 *   NAME, ISA        name of the exported table, name of the instruction set as a string
 *   LANES            floats in a `vec`, a power of two up to 16
 *   REGISTERS        number of vector registers
 *   vec_load vec_store vec_set1 vec_add vec_sub vec_mul vec_div vec_fma(a,b,c) = a*b+c
 *   vec_min vec_max  (a, b): b if either is NaN
 *   vec_round        to the nearest integer
 *   vec_bfloat16     to the nearest bfloat16, as w2v_bfloat16 does
 *   vec_pow2         2^n for integral n in [-126, 127]
 *   vec_sums(acc, n) lane i = sum over the lanes of acc[i], i < n <= LANES; n is a constant
 *   vec_keep(a)      no operation, but a must be in a register here
 *   DRAW             the slot `draw`
 *   vec_load2(p, q)  lower half of the lanes from p, upper half from q (unused where LANES is 1)
 *   vec_store2(p, q, a)
 *                    lower half of the lanes to p, upper half to q
 *   vec_load_half vec_store_half vec_set1_half vec_fma_half vec_mul_half
 *                    only where LANES is 16: the same for the lower half of the lanes. The upper half of what they
 *                    return is undefined, but zero after vec_mul_half.
 *
 * blocks.h has the loops with constant bounds, sigmoid.h, scores.h, update.h, few.h and blend.h the parts of a step.
 * This file puts them together: blocks of output rows, and the slots of the table. */
#include <stddef.h>

#include "kernels/blend.h"
#include "kernels/blocks.h"
#include "kernels/few.h"
#include "kernels/kernels.h"
#include "kernels/merge.h"
#include "kernels/scores.h"
#include "kernels/sigmoid.h"
#include "kernels/update.h"

/* ---- blocks of nearly equal size --------------------------------------------------------------------------------*/

/* A block has one part, or two where the sums of all its rows do not fit into registers. The second part is written last:
 * a vector of the first part holds more lanes than the part has scores, and these are overwritten. */
static void score_blocks(const w2v_window *w, int as_gradient, float *out)
{
    const int S = w->n_outputs;
    /* One copy of this code for both: with a constant for each it is twice as large. AVX2 has two copies, because with
     * one, training may be 1 % slower. */
    if (LANES != 8)
        HIDE(as_gradient);
    for (int b = 0; b < n_blocks(S); b++) {
        const int s0 = block_start(S, b), size = block_start(S, b + 1) - s0, stride = stride_of(size);
        for (int from = 0, B = size > SCORED ? (size + 1) / 2 : size; B > 0; from += B, B = size - from) {
#define DO(B) score_rows(B, as_gradient, w, s0 + from, out + from, stride)
            FOR_EACH_SCORED(DO)
#undef DO
        }
        out += w->n_inputs * stride;
    }
}

/* The contexts' updates are summed over the blocks in `sums` (n_inputs vectors), because every block must still see the
 * old rows. */
static void update_blocks(const w2v_window *w, const float *g, float *sums)
{
    const int S = w->n_outputs, C = w->n_inputs;
    for (int j = 0; j < w->n_used; j += LANES) {
        const float *part = g;
        prefetch_line(w, j);
        for (int c = 0; c < C; c++)
            vec_store(sums + c * LANES, vec_set1(0.0f));
        for (int b = 0; b < n_blocks(S); b++) {
            const int s0 = block_start(S, b), B = block_start(S, b + 1) - s0;
#define DO(B) update_step(B, 1, 0, 0, w, s0, part, j, sums)
            FOR_EACH_B(DO)
#undef DO
            part += C * stride_of(B);
        }
        for (int c = 0; c < C; c++)
            vec_store(w->inputs[c] + j, vec_add(vec_load(w->inputs[c] + j), vec_load(sums + c * LANES)));
    }
}

/* ---- the slots --------------------------------------------------------------------------------------------------
 * `work` holds g of all blocks, then the slack of the last store, then the sums. */

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
    if (w->input_squares)
        add_squares(w, w->work);
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

const w2v_kernels NAME = {
    ISA,         LANES,        window_update_slot, scores_slot,       rank_update_slot, sigmoid_slot,
    gather_slot, scatter_slot, rotate_slot, add_change_slot, correct_slot, add_outer_slot, DRAW};
