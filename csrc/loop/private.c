#include <string.h>

#include "loop/private.h"

size_t w2v_private_bytes(int32_t n_private, size_t stride)
{
    const size_t a_row = stride * sizeof(float) + sizeof(int32_t); /* copy and touches; base and held */
    return (2 * a_row * (size_t)n_private + 63) / 64 * 64;
}

void w2v_private_init(w2v_private *p, float *shared, size_t stride, int32_t n_private, void *memory)
{
    p->shared = shared;
    p->stride = stride;
    p->n_private = n_private;
    p->n_held = 0;
    p->copies = (float *)memory;
    p->bases = p->copies + (size_t)n_private * stride;
    p->touches = (int32_t *)(p->bases + (size_t)n_private * stride);
    p->held = p->touches + n_private;
}

void w2v_private_take(w2v_private *p, int32_t row)
{
    const size_t at = (size_t)row * p->stride, bytes = p->stride * sizeof(float);
    memcpy(p->copies + at, p->shared + at, bytes);
    memcpy(p->bases + at, p->copies + at, bytes); /* not from the model, where others write */
    p->held[p->n_held++] = row;
}

void w2v_private_merge(w2v_private *p, int32_t least, int others)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < p->n_held; i++) {
        const int32_t row = p->held[i];
        if (p->touches[row] < least) {
            p->held[kept++] = row;
            continue;
        }
        const size_t at = (size_t)row * p->stride;
        const float pull = W2V_PULL * (float)p->touches[row];
        const float share = 1.0f / (1.0f + (float)others * (pull < 1.0f ? pull : 1.0f));
        float *const model = p->shared + at;
        const float *const copy = p->copies + at, *const base = p->bases + at;
        for (size_t j = 0; j < p->stride; j++)
            model[j] += share * (copy[j] - base[j]);
        p->touches[row] = 0;
    }
    p->n_held = kept;
}
