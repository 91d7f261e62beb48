/* Limits of the machine: fused multiply-adds, random rows, streaming. Compiled and called by bench/limits.py. */
#include <stdint.h>
#include <time.h>

#include "loop/rng.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Vector fused multiply-adds a second. The 12 independent chains are more than latency times throughput. */
#define FMA_PEAK(NAME, TARGET, VEC, SET1, FMA, SUM)                                                                   \
    TARGET double NAME(double seconds, float *sink)                                                                          \
    {                                                                                                                 \
        VEC a[12], b = SET1(0.999f), c = SET1(1e-3f);                                                                 \
        int64_t n = 0;                                                                                                \
        for (int i = 0; i < 12; i++)                                                                                  \
            a[i] = SET1((float)i);                                                                                    \
        const double start = now();                                                                                   \
        double spent;                                                                                                 \
        do {                                                                                                          \
            for (int k = 0; k < 100000; k++) {                                                                        \
                _Pragma("GCC unroll 12") for (int i = 0; i < 12; i++) a[i] = FMA(a[i], b, c);                         \
            }                                                                                                         \
            n += 1200000;                                                                                             \
            spent = now() - start;                                                                                    \
        } while (spent < seconds);                                                                                    \
        for (int i = 0; i < 12; i++)                                                                                  \
            *sink += SUM(a[i]);                                                                                       \
        return (double)n / spent;                                                                                     \
    }

#if defined(__x86_64__)
#include <immintrin.h>
#define SUM8(v) _mm256_cvtss_f32(v)
#define SUM16(v) _mm512_cvtss_f32(v)
FMA_PEAK(fma_peak_avx2, __attribute__((target("avx2,fma"))), __m256, _mm256_set1_ps, _mm256_fmadd_ps, SUM8)
FMA_PEAK(fma_peak_avx512, __attribute__((target("avx512f"))), __m512, _mm512_set1_ps, _mm512_fmadd_ps, SUM16)
#elif defined(__aarch64__)
#include <arm_neon.h>
#define FMA4(a, b, c) vfmaq_f32(c, a, b)
#define SUM4(v) vgetq_lane_f32(v, 0)
FMA_PEAK(fma_peak_neon, , float32x4_t, vdupq_n_f32, FMA4, SUM4)
#endif
#if defined(__x86_64__)
#define WIDEST __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDEST
#endif

typedef float line __attribute__((vector_size(64), aligned(64)));

/* Rows a second: a random row of `n_rows` with `row_floats` floats is read, changed and written. The hardware overlaps
 * independent rows. With `ahead` > 0 the row needed that many steps later is prefetched, as the kernels do. */
WIDEST double random_rows(float *rows, int64_t n_rows, int row_floats, int ahead, double seconds)
{
    enum { BATCH = 4096 };
    static uint32_t order[BATCH + 64];
    uint64_t state = 1;
    int64_t n = 0;
    double spent = 0;
    do {
        for (int i = 0; i < BATCH + 64; i++)
            order[i] = (uint32_t)(((w2v_random(&state) >> 32) * (uint64_t)n_rows) >> 32);
        const double start = now();
        for (int i = 0; i < BATCH; i++) {
            float *row = rows + (int64_t)order[i] * row_floats;
            const float *next = rows + (int64_t)order[i + ahead] * row_floats;
            for (int j = 0; j < row_floats; j += 16) {
                if (ahead)
                    __builtin_prefetch(next + j, 1, 3);
                *(line *)(row + j) += 1.0f;
            }
        }
        spent += now() - start;
        n += BATCH;
    } while (spent < seconds);
    return (double)n / spent;
}

/* Bytes a second of a = a * b over `n` floats, counting both the bytes read and those written. */
WIDEST double streaming(float *a, int64_t n, double seconds)
{
    int64_t bytes = 0;
    const double start = now();
    double spent;
    do {
        for (int64_t i = 0; i < n; i++)
            a[i] *= 0.999f;
        bytes += 8 * n;
        spent = now() - start;
    } while (spent < seconds);
    return (double)bytes / spent;
}
