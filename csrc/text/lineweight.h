/* The weight of a line as an entry of the ids, before the words of the line: the bits of the float32 with the sign bit
 * set. Weights are finite and not negative, so every entry is at most W2V_LARGEST_WEIGHT, far below a line end. */
#ifndef W2V_LINEWEIGHT_H
#define W2V_LINEWEIGHT_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vectors/textfloat.h"

#define W2V_LINE_END (-1)             /* the entry after the words of a line */
#define W2V_LARGEST_WEIGHT (-8388609) /* the entry of FLT_MAX; that of 0 is INT32_MIN */

/* The number that a text of n bytes is; NaN if it is none. */
static inline float w2v_read_weight(const uint8_t *text, int64_t n)
{
    enum { MOST_CHARS = 64 }; /* a longer number is not accepted */
    const char *begin = (const char *)text;
    float value = NAN;
    if (w2v_float_read(begin, begin + n, &value) == W2V_FLOAT_HARD && n < MOST_CHARS) {
        char copy[MOST_CHARS] = {0}, *rest;
        memcpy(copy, begin, (size_t)n);
        const double read = strtod(copy, &rest);
        value = rest == copy + n ? (float)read : NAN;
    }
    return value;
}

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
