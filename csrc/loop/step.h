/* The counts of one thread, the loss of a step, and the update of steps with many contexts. */
#ifndef W2V_STEP_H
#define W2V_STEP_H

#include <math.h>
#include <stdint.h>

#include "kernels/kernels.h"

typedef struct {
    int64_t trained, subsampled; /* words */
    int64_t pending;             /* words since the learning rate was last computed */
    int64_t told;                /* of these, words that the shared progress knows already */
    int uncounted;               /* whether the shared progress is told no words */
    int64_t loss_pairs;          /* pairs of a centre and a context whose loss is in loss_sum */
    double loss_sum;
} w2v_tally;

/* Add the loss of a step (the sum in kernels.h) and the number of its pairs. `scores` has room for n_inputs * n_outputs
 * floats. A score that is not finite makes the sum not finite. */
static inline void w2v_add_loss(const w2v_kernels *kernels, const w2v_window *window, float *scores, w2v_tally *tally)
{
    const int S = window->n_outputs;
    if (window->n_inputs == 0)
        return;
    kernels->scores(window, scores);
    for (int c = 0; c < window->n_inputs; c++) {
        const int kind = window->kinds[c];
        const float *const labels = window->patterns + 2 * kind * window->pattern_floats;
        const float *const weights = labels + window->pattern_floats;
        for (int s = 0; s < S; s++) {
            const double x = scores[c * S + s], tail = log1p(exp(-fabs(x)));
            tally->loss_sum += x == x ? weights[s] * ((x > 0.0 ? x : 0.0) + tail) - labels[s] * x : x;
        }
        tally->loss_pairs += (kind & 1) + (kind >> 1);
    }
}

/* The kernel's step, in parts of nearly equal size, at most `most` contexts each. Within a part, the changes of an
 * output row by all contexts are added up without seeing each other. */
static inline void w2v_update_in_parts(const w2v_kernels *kernels, w2v_window *window, int most)
{
    int left = window->n_inputs;
    for (int parts = (left + most - 1) / most; parts > 0; parts--) {
        window->n_inputs = (left + parts - 1) / parts;
        kernels->window_update(window);
        left -= window->n_inputs;
        window->inputs += window->n_inputs;
        window->kinds += window->n_inputs;
        if (window->input_squares)
            window->input_squares += window->n_inputs;
        window->n_prefetch = 0;
    }
}

#endif
