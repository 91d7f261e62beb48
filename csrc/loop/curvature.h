/* The curvature that a worker of a round has met, for each row that it has touched.
 *
 * h = sum of g^2 / alpha over the pairs of the row, with g = alpha * (label - sigmoid): an estimate of the sum of
 * alpha * sigmoid * (1 - sigmoid), the empirical Fisher information of a score times the learning rate. A hidden row of
 * CBOW is a sum of its n contexts with a factor; the curvature of a context is that of the hidden row times the factors
 * with which the context goes in and the change comes back, and times n, since all n contexts move the hidden row in
 * the same direction. */
#ifndef W2V_CURVATURE_H
#define W2V_CURVATURE_H

#include "loop/block.h"

#define W2V_TRAINED 1e-30f /* added in each step, so that a trained row is known even if its squares are too small */

/* Set the sums of squares of a step to zero before the kernel adds to them. */
static inline void w2v_clear_squares(w2v_block *block, int n_inputs, int n_outputs)
{
    w2v_window *const window = &block->window;
    window->input_squares = block->squares;
    window->output_squares = block->squares + block->max_contexts;
    memset(window->input_squares, 0, (size_t)n_inputs * sizeof(float));
    memset(window->output_squares, 0, (size_t)n_outputs * sizeof(float));
}

/* Add squares to the curvature of the words from position `low` to `high`, except `skipped`: to each its own (`stride`
 * 1), or to all the same (0). */
static inline void w2v_spread_squares(float *curvature, const int *ids, int low, int high, int skipped,
                                      const float *squares, int stride, float scale)
{
    for (int k = low; k <= high; k++)
        if (k != skipped) {
            curvature[ids[k]] += scale * *squares + W2V_TRAINED;
            squares += stride;
        }
}

/* Add the squares of a finished step to the curvature of its rows. `drawn` are its output words; `mean` and `undivided`
 * as for CBOW (loop/cbow.h). */
static inline void w2v_add_curvature(w2v_block *block, const w2v_step *step, const int32_t *drawn, int cbow, int mean,
                                     int undivided)
{
    const w2v_reach *const r = &block->reach;
    const float alpha = block->window.alpha, scale = alpha > 0 ? 1 / alpha : 0;
    float *const inputs = block->input_curvature, *const outputs = block->output_curvature;
    for (int s = 0; s < step->n_outputs; s++)
        outputs[drawn[s]] += scale * block->squares[block->max_contexts + (size_t)s] + W2V_TRAINED;
    if (!cbow) {
        w2v_spread_squares(inputs, block->ids, r->low, r->next_high, step->n_centres == 1 ? r->centre : -1,
                           block->squares, 1, scale);
        return;
    }
    for (int k = 0; k < block->hidden.blend.n_hidden; k++) {
        const int n = w2v_max(block->hidden.blend.n_common + block->hidden.blend.n_own[k], 1);
        const float in = mean ? 1 / (float)n : 1, back = undivided ? 1 : in;
        w2v_spread_squares(inputs, block->ids, k ? r->next_low : r->low, k ? r->next_high : r->high,
                           k ? r->next : r->centre, block->squares + k, 0, scale * in * back * (float)n);
    }
}

#endif
