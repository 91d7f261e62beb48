/* Private copies of the rows of the most frequent words, one set for each thread.
 *
 * All threads write to one model without locks (Recht et al. 2011), and each write takes the row's cache lines away
 * from the core that wrote them last. For most rows that is rare. The most frequent words occur in every tenth step of
 * every thread; with many threads such a row would spend its time moving between cores. So a thread takes a copy, works
 * on it for some steps, and then adds its change to the model: one transfer for many steps.
 *
 * Several threads may have learned nearly the same thing from the same starting point, and the sum of their changes
 * would be too large. With n touches of each copy, and W2V_PULL the fraction of the way to its optimum that one touch
 * moves a row,
 *
 *     model += (copy - base) / (1 + other_threads * min(1, W2V_PULL * n))
 *
 * is the sum of the threads' changes where these are small, and their mean where each thread reaches the optimum. */
#ifndef W2V_PRIVATE_H
#define W2V_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "loop/arena.h"

#define W2V_PULL 0.02f

typedef struct {
    float *shared;    /* the model's rows, `stride` floats each */
    float *copies;    /* of rows 0 .. n_private-1; valid while their `touches` is not 0 */
    float *bases;     /* the same rows at the time they were copied */
    int32_t *touches; /* how often each copy was asked for since it was taken */
    int32_t *held;    /* the n_held rows whose `touches` is not 0 */
    size_t stride;
    int32_t n_private, n_held;
} w2v_private;

static inline void w2v_private_lay_out(w2v_private *p, w2v_arena *arena, float *shared, size_t stride,
                                       int32_t n_private)
{
    const size_t n = (size_t)n_private;
    *p = (w2v_private){.shared = shared, .stride = stride, .n_private = n_private};
    p->copies = W2V_TAKE(arena, n * stride, float);
    p->bases = W2V_TAKE(arena, n * stride, float);
    p->touches = W2V_TAKE(arena, n, int32_t);
    p->held = W2V_TAKE(arena, n, int32_t);
}

/* Take a copy of a row that is not held. */
void w2v_private_take(w2v_private *p, int32_t row);

/* Add the changes of each row with at least min_touches touches to the model, and release its copy. Pointers to the
 * copy must not be used afterwards. */
void w2v_private_merge(w2v_private *p, int32_t min_touches, int other_threads);

/* The place to read and write a row until the next merge. */
static inline float *w2v_private_row(w2v_private *p, int32_t row)
{
    if (row >= p->n_private)
        return p->shared + (size_t)row * p->stride;
    if (p->touches[row]++ == 0)
        w2v_private_take(p, row);
    return p->copies + (size_t)row * p->stride;
}

#endif
