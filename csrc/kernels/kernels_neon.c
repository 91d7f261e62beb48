/* Kernels for 64-bit Arm, whose base architecture has NEON: vectors of 4 floats, 32 registers. */
#if defined(__aarch64__)

#include <arm_neon.h>

typedef float32x4_t vec;
#define NAME w2v_kernels_neon
#define ISA "neon"
#define DRAW w2v_alias_fill
#define LANES 4
#define REGISTERS 32

#define vec_load(p) vld1q_f32(p)
#define vec_keep(a) __asm__("" : "+w"(a))
#define vec_load2(p, q) vcombine_f32(vld1_f32(p), vld1_f32(q))
#define vec_store2(p, q, a) (vst1_f32(p, vget_low_f32(a)), vst1_f32(q, vget_high_f32(a)))
#define vec_store(p, a) vst1q_f32(p, a)
#define vec_set1(a) vdupq_n_f32(a)
#define vec_add(a, b) vaddq_f32(a, b)
#define vec_sub(a, b) vsubq_f32(a, b)
#define vec_mul(a, b) vmulq_f32(a, b)
#define vec_div(a, b) vdivq_f32(a, b)
#define vec_fma(a, b, c) vfmaq_f32(c, a, b)
#define vec_min(a, b) vminq_f32(a, b) /* NaN if either is NaN, as required */
#define vec_max(a, b) vmaxq_f32(a, b)
#define vec_round(a) vrndnq_f32(a)

static inline vec vec_bfloat16(vec a)
{
    const uint32x4_t bits = vaddq_u32(vreinterpretq_u32_f32(a), vdupq_n_u32(0x8000u));
    return vreinterpretq_f32_u32(vandq_u32(bits, vdupq_n_u32(0xffff0000u)));
}

static inline vec vec_pow2(vec n)
{
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127)), 23));
}

static inline vec vec_sums(const vec *acc, int n)
{
    const vec a = acc[0], b = n > 1 ? acc[1] : a, c = n > 2 ? acc[2] : a, d = n > 3 ? acc[3] : a;
    return vpaddq_f32(vpaddq_f32(a, b), vpaddq_f32(c, d));
}

#include "kernels/kernels_template.h"

#endif
typedef int w2v_neon_file_is_not_empty;
