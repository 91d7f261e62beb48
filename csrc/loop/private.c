/* Copying private rows and merging them into the model. */
#include "loop/private.h"

#include <string.h>

void w2v_private_take(w2v_private *p, int32_t row)
{
    const size_t at = (size_t)row * p->stride, bytes = p->stride * sizeof(float);
    memcpy(p->copies + at, p->shared + at, bytes);
    memcpy(p->bases + at, p->copies + at, bytes); /* not from the model, which others may write meanwhile */
    p->held[p->n_held++] = row;
}

void w2v_private_merge(w2v_private *p, int32_t min_touches, int other_threads)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < p->n_held; i++) {
        const int32_t row = p->held[i];
        if (p->touches[row] < min_touches) {
            p->held[kept++] = row;
            continue;
        }
        const size_t at = (size_t)row * p->stride;
        const float pull = W2V_PULL * (float)p->touches[row];
        const float share = 1.0f / (1.0f + (float)other_threads * (pull < 1.0f ? pull : 1.0f));
        float *const model = p->shared + at;
        const float *const copy = p->copies + at, *const base = p->bases + at;
        for (size_t j = 0; j < p->stride; j++)
            model[j] += share * (copy[j] - base[j]);
        p->touches[row] = 0;
    }
    p->n_held = kept;
}
