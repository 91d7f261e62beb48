/* Forced inlining and prefetch hints, for every folder of csrc. The compiler is GCC or clang, on Windows also clang-cl,
 * which defines _MSC_VER and __clang__ but not __GNUC__. */
#ifndef W2V_BASE_H
#define W2V_BASE_H

#if !defined(__GNUC__) && !defined(__clang__)
#error "w2v needs GCC or clang; on Windows clang-cl, since cl has no C11 atomics and no inline assembly"
#endif

#define W2V_INLINE static inline __attribute__((always_inline))
#define W2V_PREFETCH(p, writes) __builtin_prefetch((p), (writes), 3)

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
