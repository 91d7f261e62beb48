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

#endif
