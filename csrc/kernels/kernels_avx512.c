/* Kernels for x86-64 with AVX-512 (F, DQ, BW, VL): vectors of 16 floats, 32 registers. */
#if defined(__x86_64__) || defined(_M_X64)

#include "kernels/kernels.h"
#include "kernels/target.h"
#include "loop/rng.h"
#if defined(__clang__)
#include "kernels/clang_intrinsics.h"
#endif
TARGET_BEGIN("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,prfchw")
#include <immintrin.h>

typedef __m512 vec;
#define NAME w2v_kernels_avx512
#define ISA "avx512"
#define DRAW draw
#define LANES 16
#define REGISTERS 32

#define vec_load(p) _mm512_loadu_ps(p)
#define vec_keep(a) __asm__("" : "+v"(a))
#define vec_load2(p, q) _mm512_insertf32x8(_mm512_castps256_ps512(_mm256_loadu_ps(p)), _mm256_loadu_ps(q), 1)
#define vec_store2(p, q, a) (vec_store_half(p, a), _mm256_storeu_ps(q, _mm512_extractf32x8_ps(a, 1)))
#define vec_store(p, a) _mm512_storeu_ps(p, a)
#define vec_set1(a) _mm512_set1_ps(a)
#define vec_add(a, b) _mm512_add_ps(a, b)
#define vec_sub(a, b) _mm512_sub_ps(a, b)
#define vec_mul(a, b) _mm512_mul_ps(a, b)
#define vec_div(a, b) _mm512_div_ps(a, b)
#define vec_fma(a, b, c) _mm512_fmadd_ps(a, b, c)
#define vec_min(a, b) _mm512_min_ps(a, b)
#define vec_max(a, b) _mm512_max_ps(a, b)
#define vec_round(a) _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)

static inline vec vec_bfloat16(vec a)
{
    const __m512i bits = _mm512_add_epi32(_mm512_castps_si512(a), _mm512_set1_epi32(0x8000));
    return _mm512_castsi512_ps(_mm512_and_si512(bits, _mm512_set1_epi32(-0x10000)));
}
#define vec_pow2(n) _mm512_scalef_ps(_mm512_set1_ps(1.0f), n)

#define LOWER(a) _mm512_castps512_ps256(a)
#define WIDE(a) _mm512_castps256_ps512(a)
#define vec_load_half(p) WIDE(_mm256_loadu_ps(p))
#define vec_store_half(p, a) _mm256_storeu_ps(p, LOWER(a))
#define vec_set1_half(a) WIDE(_mm256_set1_ps(a))
#define vec_fma_half(a, b, c) WIDE(_mm256_fmadd_ps(LOWER(a), LOWER(b), LOWER(c)))

/* The processor sets the upper half to zero; GCC would add an instruction that does. */
static inline vec vec_mul_half(vec a, vec b)
{
    vec product;
    __asm__("vmulps %t2, %t1, %t0" : "=v"(product) : "v"(a), "v"(b));
    return product;
}

/* (a, b) -> in each 128-bit quarter: a0+a2 b0+b2 a1+a3 b1+b3 */
static inline vec fold_pair(vec a, vec b) { return vec_add(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b)); }

/* up to four vectors -> in each quarter: the sums a b c d of that quarter */
static inline vec fold_four(const vec *acc, int n)
{
    const vec ab = fold_pair(acc[0], n > 1 ? acc[1] : acc[0]);
    const vec cd = n > 2 ? fold_pair(acc[2], n > 3 ? acc[3] : acc[2]) : ab;
    const __m512d p = _mm512_castps_pd(ab), q = _mm512_castps_pd(cd);
    return vec_add(_mm512_castpd_ps(_mm512_unpacklo_pd(p, q)), _mm512_castpd_ps(_mm512_unpackhi_pd(p, q)));
}

/* (p, q) of fold_four -> quarters p0+p1 p2+p3 q0+q1 q2+q3; applied twice, each quarter holds four sums of a group */
static inline vec fold_quarters(vec p, vec q)
{
    return vec_add(_mm512_shuffle_f32x4(p, q, 0x88), _mm512_shuffle_f32x4(p, q, 0xdd));
}

static inline vec vec_sums(const vec *acc, int n)
{
    const vec a = fold_four(acc, n < 4 ? n : 4), b = n > 4 ? fold_four(acc + 4, n < 8 ? n - 4 : 4) : a;
    const vec ab = fold_quarters(a, b);
    if (n <= 8)
        return fold_quarters(ab, ab);
    const vec c = fold_four(acc + 8, n < 12 ? n - 8 : 4), d = n > 12 ? fold_four(acc + 12, n - 12) : c;
    return fold_quarters(ab, fold_quarters(c, d));
}

/* w2v_random and w2v_alias_draw, eight at a time: the entries of the table are in the second or third cache, and one
 * gather instruction waits for all of them together. */
static void draw(const w2v_alias *table, uint64_t n, uint64_t *state, int32_t *out, int64_t count)
{
    const __m512i step = _mm512_set1_epi64((int64_t)W2V_STREAM_STEP), half = _mm512_set1_epi64(0xffffffff);
    const __m512i ahead = _mm512_mullo_epi64(_mm512_set_epi64(8, 7, 6, 5, 4, 3, 2, 1), step);
    const __m512i size = _mm512_set1_epi64((int64_t)n);
    const __m512i first = _mm512_set1_epi64((int64_t)W2V_MIX_FIRST);
    const __m512i second = _mm512_set1_epi64((int64_t)W2V_MIX_SECOND);
    for (int64_t i = 0; i < count; i += 8) {
        __m512i z = _mm512_add_epi64(_mm512_set1_epi64((int64_t)(*state + (uint64_t)i * W2V_STREAM_STEP)), ahead);
        z = _mm512_mullo_epi64(_mm512_xor_si512(z, _mm512_srli_epi64(z, 30)), first);
        z = _mm512_mullo_epi64(_mm512_xor_si512(z, _mm512_srli_epi64(z, 27)), second);
        z = _mm512_xor_si512(z, _mm512_srli_epi64(z, 31));
        const __m512i low = _mm512_srli_epi64(_mm512_mul_epu32(z, size), 32);
        const __m512i high = _mm512_add_epi64(_mm512_mul_epu32(_mm512_srli_epi64(z, 32), size), low);
        const __m512i cell = _mm512_srli_epi64(high, 32), entry = _mm512_i64gather_epi64(cell, (const void *)table, 8);
        const __mmask8 own = _mm512_cmplt_epu64_mask(_mm512_and_si512(high, half), _mm512_and_si512(entry, half));
        const __m512i drawn = _mm512_mask_mov_epi64(_mm512_srli_epi64(entry, 32), own, cell);
        _mm256_storeu_si256((void *)(out + i), _mm512_cvtepi64_epi32(drawn));
    }
    *state += (uint64_t)count * W2V_STREAM_STEP;
}

#include "kernels/kernels_template.h"
TARGET_END

#endif
typedef int w2v_avx512_file_is_not_empty;
