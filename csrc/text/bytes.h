/* Tests of 16 bytes at a time, for text that is mostly ASCII. */
#ifndef W2V_TEXT_BYTES_H
#define W2V_TEXT_BYTES_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#define W2V_BYTES_SSE2 1
#endif

enum { W2V_BYTES = 16 };

static inline int w2v_lowest_bit(uint64_t bits) { return __builtin_ctzll(bits); }

static inline int w2v_highest_bit(uint64_t bits) { return 63 - __builtin_clzll(bits); }

/* Bytes of white space for the tokenizer: 9 to 13 and the blank. */
static inline int w2v_is_blank(uint8_t byte) { return byte == ' ' || (uint8_t)(byte - 9) < 5; }

static inline uint8_t w2v_lower_ascii(uint8_t byte) { return (uint8_t)(byte - 'A') < 26 ? byte | 0x20 : byte; }

#if defined(W2V_BYTES_SSE2)
typedef __m128i w2v_bytes;

static inline w2v_bytes w2v_load(const uint8_t *text) { return _mm_loadu_si128((const __m128i *)text); }

static inline void w2v_store(uint8_t *out, w2v_bytes bytes) { _mm_storeu_si128((__m128i *)out, bytes); }

/* 0xFF where first <= byte < first + count. */
static inline w2v_bytes w2v_in_range(w2v_bytes bytes, uint8_t first, uint8_t count)
{
    w2v_bytes from = _mm_sub_epi8(bytes, _mm_set1_epi8((char)first));
    return _mm_cmpeq_epi8(_mm_min_epu8(from, _mm_set1_epi8((char)(count - 1))), from);
}

static inline w2v_bytes w2v_equal(w2v_bytes bytes, uint8_t value)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)value));
}

static inline w2v_bytes w2v_either(w2v_bytes a, w2v_bytes b) { return _mm_or_si128(a, b); }

/* A bit for each byte whose highest bit is set. */
static inline uint32_t w2v_bits(w2v_bytes bytes) { return (uint32_t)_mm_movemask_epi8(bytes); }

static inline w2v_bytes w2v_lower_bytes(w2v_bytes bytes)
{
    return _mm_add_epi8(bytes, _mm_and_si128(w2v_in_range(bytes, 'A', 26), _mm_set1_epi8(0x20)));
}

/* `yes` where the mask is 0xFF, otherwise `no`. */
static inline w2v_bytes w2v_choose(w2v_bytes mask, w2v_bytes yes, w2v_bytes no)
{
    return _mm_or_si128(_mm_and_si128(mask, yes), _mm_andnot_si128(mask, no));
}

static inline w2v_bytes w2v_all(uint8_t value) { return _mm_set1_epi8((char)value); }
#else
/* The same byte by byte; compilers make vectors of these loops. */
typedef struct w2v_bytes {
    uint8_t at[W2V_BYTES];
} w2v_bytes;

static inline w2v_bytes w2v_load(const uint8_t *text)
{
    w2v_bytes bytes;
    memcpy(bytes.at, text, W2V_BYTES);
    return bytes;
}

static inline void w2v_store(uint8_t *out, w2v_bytes bytes) { memcpy(out, bytes.at, W2V_BYTES); }

static inline w2v_bytes w2v_in_range(w2v_bytes bytes, uint8_t first, uint8_t count)
{
    for (int i = 0; i < W2V_BYTES; i++)
        bytes.at[i] = (uint8_t)((uint8_t)(bytes.at[i] - first) < count ? 0xFF : 0);
    return bytes;
}

static inline w2v_bytes w2v_equal(w2v_bytes bytes, uint8_t value)
{
    for (int i = 0; i < W2V_BYTES; i++)
        bytes.at[i] = (uint8_t)(bytes.at[i] == value ? 0xFF : 0);
    return bytes;
}

static inline w2v_bytes w2v_either(w2v_bytes a, w2v_bytes b)
{
    for (int i = 0; i < W2V_BYTES; i++)
        a.at[i] = (uint8_t)(a.at[i] | b.at[i]);
    return a;
}

static inline uint32_t w2v_bits(w2v_bytes bytes)
{
    uint32_t bits = 0;
    for (int i = 0; i < W2V_BYTES; i++)
        bits |= (uint32_t)(bytes.at[i] >> 7) << i;
    return bits;
}

static inline w2v_bytes w2v_lower_bytes(w2v_bytes bytes)
{
    for (int i = 0; i < W2V_BYTES; i++)
        bytes.at[i] = w2v_lower_ascii(bytes.at[i]);
    return bytes;
}

static inline w2v_bytes w2v_choose(w2v_bytes mask, w2v_bytes yes, w2v_bytes no)
{
    for (int i = 0; i < W2V_BYTES; i++)
        mask.at[i] = (uint8_t)((mask.at[i] & yes.at[i]) | (~mask.at[i] & no.at[i]));
    return mask;
}

static inline w2v_bytes w2v_all(uint8_t value)
{
    w2v_bytes bytes;
    memset(bytes.at, value, W2V_BYTES);
    return bytes;
}
#endif

#endif
