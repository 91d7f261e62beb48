/* Characters of UTF-8 (RFC 3629). */
#ifndef W2V_UTF8_H
#define W2V_UTF8_H

#include <stdint.h>

/* Length of the valid UTF-8 character at the start of `text`, 0 if there is none (shortest form only, no surrogates,
 * nothing above U+10FFFF). */
static inline int w2v_utf8_length(const uint8_t *text, int64_t n)
{
    uint8_t lead = text[0];
    int length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (length == 0 || length > n)
        return 0;
    for (int i = 1; i < length; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    if ((lead == 0xE0 && text[1] < 0xA0) || (lead == 0xED && text[1] > 0x9F) || (lead == 0xF0 && text[1] < 0x90) ||
        (lead == 0xF4 && text[1] > 0x8F))
        return 0;
    return length;
}

/* Code point of a valid character of this length. */
static inline uint32_t w2v_code_point(const uint8_t *text, int length)
{
    static const uint8_t lead_bits[5] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t value = text[0] & lead_bits[length];
    for (int i = 1; i < length; i++)
        value = value << 6 | (text[i] & 0x3F);
    return value;
}

/* Write a character and return its length. */
static inline int w2v_write_utf8(uint8_t *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    int length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (int i = length - 1; i > 0; i--, code >>= 6)
        out[i] = (uint8_t)(0x80 | (code & 0x3F));
    out[0] = (uint8_t)((0xF00 >> length) | code);
    return length;
}

#endif
