/* Which contexts stand in which of two neighbouring windows. */
#ifndef W2V_WINDOW_H
#define W2V_WINDOW_H

#include <stdint.h>
#include <string.h>

/* kinds[k] for k < n: bit 0 if k is in [a_low, a_high], bit 1 if it is in [b_low, b_high]. Writes up to 15 more. */
static inline void w2v_mark_kinds(uint8_t *kinds, int n, int a_low, int a_high, int b_low, int b_high)
{
    for (int start = 0; start < n; start += 16) {
        for (int k = 0; k < 16; k++) { /* a constant length and short integers: one vector */
            const int16_t at = (int16_t)(start + k);
            kinds[start + k] = (uint8_t)((at >= (int16_t)a_low && at <= (int16_t)a_high) |
                                         (at >= (int16_t)b_low && at <= (int16_t)b_high) << 1);
        }
    }
}

/* How much each of n contexts counts in the hidden row of centre `bit`: weights[k] = masses[k], or 1 where that is NULL,
 * if the bit is set in kinds[k], else 0; bits[k] = 1 or 0. Returns the sum of the weights. Reads and writes up to 15 more,
 * of which the kinds are 0 (`w2v_mark_kinds`) and the masses finite. */
static inline float w2v_weigh(const uint8_t *restrict kinds, const float *restrict masses, int n, int bit,
                              float *restrict weights, float *restrict bits)
{
    float sums[16] = {0}, total = 0;
    for (int start = 0; start < n; start += 16) {
        for (int k = 0; k < 16; k++) {
            bits[start + k] = (float)(kinds[start + k] >> bit & 1);
            weights[start + k] = bits[start + k] * (masses ? masses[start + k] : 1.0f);
            sums[k] += weights[start + k];
        }
    }
    for (int k = 0; k < 16; k++)
        total += sums[k];
    return total;
}

/* values[k] = factor * of[k] for k < n, and up to 15 more. */
static inline void w2v_scale(float *values, const float *of, int n, float factor)
{
    for (int start = 0; start < n; start += 16)
        for (int k = 0; k < 16; k++)
            values[start + k] = factor * of[start + k];
}

#endif
