/* Counters that the threads of a run share: words done (they decide the learning rate), the sampled loss, and whether
 * to stop. The atomics are relaxed: each number is exact, but their order is not defined. */
#ifndef W2V_PROGRESS_H
#define W2V_PROGRESS_H

#include <stdatomic.h>
#include <stdint.h>

typedef struct {
    _Alignas(64) _Atomic int64_t words_done;
    _Alignas(64) _Atomic int64_t loss_pairs;
    _Atomic double loss_sum;
    _Alignas(64) _Atomic int stop; /* 0: continue; else the first W2V_STOP_* that was set */
} w2v_progress;

enum { W2V_STOP_ASKED = 1, W2V_STOP_NOT_FINITE = 2 };

static inline int64_t w2v_add_words(w2v_progress *p, int64_t n)
{
    return atomic_fetch_add_explicit(&p->words_done, n, memory_order_relaxed) + n;
}

static inline int64_t w2v_words_done(w2v_progress *p)
{
    return atomic_load_explicit(&p->words_done, memory_order_relaxed);
}

static inline void w2v_share_loss(w2v_progress *p, double sum, int64_t pairs)
{
    double old = atomic_load_explicit(&p->loss_sum, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&p->loss_sum, &old, old + sum, memory_order_relaxed,
                                                  memory_order_relaxed))
        ;
    atomic_fetch_add_explicit(&p->loss_pairs, pairs, memory_order_relaxed);
}

static inline double w2v_loss_sum(w2v_progress *p) { return atomic_load_explicit(&p->loss_sum, memory_order_relaxed); }

static inline int64_t w2v_loss_pairs(w2v_progress *p)
{
    return atomic_load_explicit(&p->loss_pairs, memory_order_relaxed);
}

static inline int w2v_stopped(w2v_progress *p) { return atomic_load_explicit(&p->stop, memory_order_relaxed); }

static inline void w2v_stop(w2v_progress *p, int reason)
{
    int none = 0;
    atomic_compare_exchange_strong_explicit(&p->stop, &none, reason, memory_order_relaxed, memory_order_relaxed);
}

static inline void w2v_progress_reset(w2v_progress *p)
{
    atomic_store_explicit(&p->words_done, 0, memory_order_relaxed);
    atomic_store_explicit(&p->loss_pairs, 0, memory_order_relaxed);
    atomic_store_explicit(&p->loss_sum, 0.0, memory_order_relaxed);
    atomic_store_explicit(&p->stop, 0, memory_order_relaxed);
}

#endif
