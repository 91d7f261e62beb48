/* The hidden rows of CBOW, between a window and the kernel.
 *
 * The input of a centre is one row of the thread, the mean or the sum of its contexts (w2v_cbow_gather). The step
 * leaves in it the change that it would have added, and w2v_cbow_scatter adds this to the contexts: to each its share,
 * which is the gradient, or to each all of it, as in word2vec.c (neu1e), gensim (cbow_mean=1) and fastText. Two
 * neighbouring centres have two hidden rows, which share the negatives and one pass over the contexts of both. */
#ifndef W2V_CBOW_H
#define W2V_CBOW_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/kernels.h"
#include "loop/arena.h"
#include "loop/window.h"

typedef struct {
    w2v_blend blend;  /* contexts into hidden rows */
    float **contexts; /* rows of its contexts */
    float *masses;    /* and their masses */
    float *rows[2];   /* hidden row of the first centre and of the second */
    uint8_t kinds[2]; /* of the hidden rows: 0 where a centre has no context */
} w2v_hidden;

static inline void w2v_hidden_lay_out(w2v_hidden *hidden, w2v_arena *arena, size_t max_contexts, int n_floats,
                                     int n_used)
{
    hidden->blend = (w2v_blend){.hidden = hidden->rows, .n_used = n_used};
    hidden->contexts = W2V_TAKE(arena, max_contexts + W2V_SORT_SLACK, float *);
    hidden->masses = W2V_TAKE(arena, max_contexts + W2V_SORT_SLACK, float);
    for (int k = 0; k < 2; k++)
        hidden->rows[k] = W2V_TAKE(arena, (size_t)n_floats, float);
}

/* The factor that turns the sum in hidden row k into a mean. */
static inline float w2v_mean_factor(const w2v_blend *blend, int k)
{
    const int own = blend->n_common + (k ? blend->n_own[0] : 0);
    float total = 0;
    if (blend->masses == NULL)
        return 1 / (float)w2v_max(blend->n_common + blend->n_own[k], 1);
    for (int r = 0; r < blend->n_common; r++)
        total += blend->masses[r];
    for (int r = own; r < own + blend->n_own[k]; r++)
        total += blend->masses[r];
    return total > 0 ? 1 / total : 0;
}

/* Replace the contexts of a window by hidden rows. `rows` and `masses` are those of the block; `masses` is NULL if all
 * contexts count the same. `mean`: the hidden row is the mean of the contexts, else their sum. */
static inline void w2v_cbow_gather(const w2v_kernels *kernels, w2v_hidden *hidden, const w2v_reach *reach,
                                   float *const *rows, const float *masses, int mean, w2v_window *window)
{
    w2v_blend *const blend = &hidden->blend;
    int n[3];
    if (masses)
        w2v_sort_contexts(reach, sizeof(float), masses, hidden->masses, n);
    w2v_sort_contexts(reach, sizeof(float *), rows, hidden->contexts, n);
    blend->masses = masses ? hidden->masses : NULL;
    blend->rows = hidden->contexts;
    blend->n_hidden = reach->next - reach->centre + 1;
    blend->n_common = n[0];
    blend->n_own[0] = n[1];
    blend->n_own[1] = n[2];
    for (int k = 0; k < blend->n_hidden; k++) {
        blend->factor[k] = mean ? w2v_mean_factor(blend, k) : 1;
        hidden->kinds[k] = blend->n_common + blend->n_own[k] ? (uint8_t)(1 + k) : 0;
    }
    kernels->gather(blend);
    window->inputs = hidden->rows;
    window->kinds = hidden->kinds;
    window->n_inputs = window->n_inputs ? blend->n_hidden : 0;
    window->separate_centres = blend->n_hidden == 2;
    window->leave_deltas = 1;
}

/* Add the changes left in the hidden rows to the contexts. `undivided`: each context gets all of it. */
static inline void w2v_cbow_scatter(const w2v_kernels *kernels, w2v_hidden *hidden, int undivided)
{
    w2v_blend *const blend = &hidden->blend;
    if (undivided) {
        blend->masses = NULL;
        blend->factor[0] = blend->factor[1] = 1;
    }
    kernels->scatter(blend);
}

#endif
