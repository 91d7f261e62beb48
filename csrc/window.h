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

/* values[k] = factor for k < n where the bit of centre c is set in kinds[k], else 0. Reads and writes up to 15 more, of
 * which the kinds are 0. */
static inline void w2v_weigh(float *restrict values, const uint8_t *restrict kinds, int n, int c, float factor)
{
    for (int start = 0; start < n; start += 16)
        for (int k = 0; k < 16; k++)
            values[start + k] = factor * (float)(kinds[start + k] >> c & 1);
}

/* values[k] *= masses[k] for k < n, made to sum up to 1 unless all are 0. Reads and writes up to 15 more, which stay 0. */
static inline void w2v_weigh_masses(float *restrict values, const float *restrict masses, int n)
{
    float sums[16] = {0}, total = 0;
    for (int start = 0; start < n; start += 16)
        for (int k = 0; k < 16; k++)
            sums[k] += values[start + k] *= masses[start + k];
    for (int k = 0; k < 16; k++)
        total += sums[k];
    for (int start = 0; total > 0 && start < n; start += 16)
        for (int k = 0; k < 16; k++)
            values[start + k] /= total;
}

#endif
