/* Private copies of the most frequent words' rows, one set a thread.
 *
 * All threads of a run write to one model without locks (Recht et al. 2011), and each write takes the row's cache lines
 * away from whoever wrote them last. For most rows that is rare. The most frequent words stand in every tenth step of
 * every thread: with many threads such a row would only travel. So a thread takes a copy of it, works on that for some
 * steps, and then adds what it has changed to the model: one journey for many steps.
 *
 * What several threads have learned from the same starting point may be nearly the same, and its sum too much: with n
 * touches of each copy, W2V_PULL being the part of the way to its optimum that one touch takes a row,
 *
 *     model += (copy - base) / (1 + others * min(1, W2V_PULL * n))
 *
 * is the sum of the threads' changes where these are small, and their mean where each alone has gone all the way. */
#ifndef W2V_PRIVATE_H
#define W2V_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#define W2V_PULL 0.02f

typedef struct {
    float *shared;    /* the model's rows, `stride` floats each */
    float *copies;    /* of the rows 0 .. n_private-1; one is valid while its `touches` is not 0 */
    float *bases;     /* the same rows as they were when they were taken */
    int32_t *touches; /* how often a copy was asked for since it was taken */
    int32_t *held;    /* the n_held rows whose `touches` is not 0 */
    size_t stride;
    int32_t n_private, n_held;
} w2v_private;

/* Bytes of `memory` for so many private rows, a multiple of 64. */
size_t w2v_private_bytes(int32_t n_private, size_t stride);

/* `memory` is zeroed, 64-byte aligned, and stays the caller's. */
void w2v_private_init(w2v_private *p, float *shared, size_t stride, int32_t n_private, void *memory);

/* Take a copy of a row that is not held. */
void w2v_private_take(w2v_private *p, int32_t row);

/* Add the changes of each row that was touched `least` times or more to the model, and let go of it. Pointers to its
 * copy are of no use from then on. */
void w2v_private_merge(w2v_private *p, int32_t least, int others);

/* Where to read and write a row until the next merge. */
static inline float *w2v_private_row(w2v_private *p, int32_t row)
{
    if (row >= p->n_private)
        return p->shared + (size_t)row * p->stride;
    if (p->touches[row]++ == 0)
        w2v_private_take(p, row);
    return p->copies + (size_t)row * p->stride;
}

#endif
