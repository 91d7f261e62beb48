/* Kernels for x86-64 with AVX2 and FMA: vectors of 8 floats, 16 registers. */
#if defined(__x86_64__) || defined(_M_X64)

#include "kernels/target.h"
#if defined(__clang__)
#include "kernels/clang_intrinsics.h"
#endif
TARGET_BEGIN("avx2,fma,prfchw")
#include <immintrin.h>

typedef __m256 vec;
#define NAME w2v_kernels_avx2
#define ISA "avx2"
#define DRAW w2v_alias_fill
#define LANES 8
#define REGISTERS 16

#define vec_load(p) _mm256_loadu_ps(p)
#define vec_keep(a) __asm__("" : "+x"(a))
#define vec_load2(p, q) _mm256_loadu2_m128(q, p)
#define vec_store2(p, q, a) _mm256_storeu2_m128(q, p, a)
#define vec_store(p, a) _mm256_storeu_ps(p, a)
#define vec_set1(a) _mm256_set1_ps(a)
#define vec_add(a, b) _mm256_add_ps(a, b)
#define vec_sub(a, b) _mm256_sub_ps(a, b)
#define vec_mul(a, b) _mm256_mul_ps(a, b)
#define vec_div(a, b) _mm256_div_ps(a, b)
#define vec_fma(a, b, c) _mm256_fmadd_ps(a, b, c)
#define vec_min(a, b) _mm256_min_ps(a, b)
#define vec_max(a, b) _mm256_max_ps(a, b)
#define vec_round(a) _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)

static inline vec vec_bfloat16(vec a)
{
    const __m256i bits = _mm256_add_epi32(_mm256_castps_si256(a), _mm256_set1_epi32(0x8000));
    return _mm256_castsi256_ps(_mm256_and_si256(bits, _mm256_set1_epi32(-0x10000)));
}

static inline vec vec_pow2(vec n)
{
    const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
}

/* (a, b) -> in each 128-bit half: a0+a2 b0+b2 a1+a3 b1+b3 */
static inline vec fold_pair(vec a, vec b) { return vec_add(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b)); }

/* up to four vectors -> in each half: the sums a b c d of that half */
static inline vec fold_four(const vec *acc, int n)
{
    const vec ab = fold_pair(acc[0], n > 1 ? acc[1] : acc[0]);
    const vec cd = n > 2 ? fold_pair(acc[2], n > 3 ? acc[3] : acc[2]) : ab;
    const __m256d p = _mm256_castps_pd(ab), q = _mm256_castps_pd(cd);
    return vec_add(_mm256_castpd_ps(_mm256_unpacklo_pd(p, q)), _mm256_castpd_ps(_mm256_unpackhi_pd(p, q)));
}

static inline vec vec_sums(const vec *acc, int n)
{
    const vec low = fold_four(acc, n < 4 ? n : 4), high = n > 4 ? fold_four(acc + 4, n - 4) : low;
    return vec_add(_mm256_permute2f128_ps(low, high, 0x20), _mm256_permute2f128_ps(low, high, 0x31));
}

#include "kernels/kernels_template.h"
TARGET_END

#endif
typedef int w2v_avx2_file_is_not_empty;
