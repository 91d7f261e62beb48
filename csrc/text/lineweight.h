/* The weight of a line as an entry of the ids, before the words of the line: the bits of the float32 with the sign bit
 * set. Weights are finite and not negative, so every entry is at most W2V_LARGEST_WEIGHT, far below a line end. */
#ifndef W2V_LINEWEIGHT_H
#define W2V_LINEWEIGHT_H

#include <stdint.h>
#include <string.h>

#define W2V_LINE_END (-1)             /* the entry after the words of a line */
#define W2V_LARGEST_WEIGHT (-8388609) /* the entry of FLT_MAX; that of 0 is INT32_MIN */

static inline int32_t w2v_weight_entry(float weight)
{
    uint32_t bits;
    memcpy(&bits, &weight, 4);
    bits |= 0x80000000u;
    int32_t entry;
    memcpy(&entry, &bits, 4);
    return entry;
}

static inline float w2v_weight_of(int32_t entry)
{
    uint32_t bits;
    memcpy(&bits, &entry, 4);
    bits &= 0x7fffffffu;
    float weight;
    memcpy(&weight, &bits, 4);
    return weight;
}

#endif
