/* Kernels for any processor: a vector of one float. */
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef float vec;
#define NAME w2v_kernels_scalar
#define ISA "scalar"
#define DRAW w2v_alias_fill
#define LANES 1
#define REGISTERS 16

static inline vec vec_load(const float *p) { return *p; }
#define vec_keep(a) (void)(a)
static inline vec vec_load2(const float *p, const float *q) { return (void)q, *p; }
static inline void vec_store2(float *p, float *q, vec a) { *p = *q = a; }
static inline void vec_store(float *p, vec a) { *p = a; }
static inline vec vec_set1(float a) { return a; }
static inline vec vec_add(vec a, vec b) { return a + b; }
static inline vec vec_sub(vec a, vec b) { return a - b; }
static inline vec vec_mul(vec a, vec b) { return a * b; }
static inline vec vec_div(vec a, vec b) { return a / b; }
static inline vec vec_fma(vec a, vec b, vec c) { return a * b + c; } /* fmaf is a slow call where there is no FMA */
static inline vec vec_min(vec a, vec b) { return a < b ? a : b; }
static inline vec vec_max(vec a, vec b) { return a > b ? a : b; }
static inline vec vec_round(vec a) { return rintf(a); }

static inline vec vec_bfloat16(vec a)
{
    uint32_t bits;
    memcpy(&bits, &a, sizeof bits);
    bits = (bits + 0x8000u) & 0xffff0000u;
    memcpy(&a, &bits, sizeof bits);
    return a;
}

static inline vec vec_pow2(vec n)
{
    /* NaN has no integer value. It reaches the result through the polynomial, so any finite factor will do. */
    const uint32_t bits = n == n ? (uint32_t)((int32_t)n + 127) << 23 : 0x3f800000u;
    float power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

static inline vec vec_sums(const vec *acc, int n) { return (void)n, acc[0]; }

#include "kernels/kernels_template.h"
