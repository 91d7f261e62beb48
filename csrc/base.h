/* Forced inlining and prefetch hints, for every folder of csrc. */
#ifndef W2V_BASE_H
#define W2V_BASE_H

#if defined(_MSC_VER) && !defined(__clang__)
#define W2V_INLINE static __forceinline
#else
#define W2V_INLINE static inline __attribute__((always_inline))
#endif

#if defined(_MSC_VER) && !defined(__clang__)
#if defined(_M_X64)
#include <immintrin.h>
#define W2V_PREFETCH(p, writes) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#else
#define W2V_PREFETCH(p, writes) ((void)(p))
#endif
#else
#define W2V_PREFETCH(p, writes) __builtin_prefetch((p), (writes), 3)
#endif

enum { W2V_LINE_FLOATS = 16 }; /* float32 in a cache line of 64 bytes */

/* Fetch the cache line at p, which will be read soon. Any address is allowed. */
W2V_INLINE void w2v_prefetch_read(const void *p) { W2V_PREFETCH(p, 0); }

/* Fetch the cache line at p, which will be written soon. Any address is allowed. */
W2V_INLINE void w2v_prefetch_write(const void *p) { W2V_PREFETCH(p, 1); }

/* Fetch all cache lines of a row of n floats that will be written soon. */
W2V_INLINE void w2v_prefetch_row(const float *row, int n)
{
    for (int j = 0; j < n; j += W2V_LINE_FLOATS)
        w2v_prefetch_write(row + j);
}

#endif
