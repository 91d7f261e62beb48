/* Changes as they are sent to other processes: in bfloat16, the upper half of a float, with 8 significant bits. */
#ifndef W2V_BFLOAT16_H
#define W2V_BFLOAT16_H

#include <stdint.h>
#include <string.h>

/* The nearest bfloat16; the one away from zero if two are equally near. */
static inline uint16_t w2v_bfloat16(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (uint16_t)((bits + 0x8000u) >> 16);
}

static inline float w2v_float_of(uint16_t x)
{
    const uint32_t bits = (uint32_t)x << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
