/* Sampling of lines by a hash of their positions, and counting of words. */
#include "text/selection.h"

#include <string.h>

#include "text/tokenizer.h"

/* SplitMix64 (Steele, Lea and Flood 2014): every bit of the result depends on every bit of the number. */
static inline uint64_t mix(uint64_t number)
{
    number += 0x9E3779B97F4A7C15ull;
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9ull;
    number = (number ^ number >> 27) * 0x94D049BB133111EBull;
    return number ^ number >> 31;
}

uint64_t w2v_sample_key(uint64_t seed, uint64_t file) { return mix(mix(seed) + file); }

/* P(X <= k) * 2^64 of a Poisson distribution with mean 1, for k = 0, 1, ... */
static const uint64_t poisson[] = {
    0x5E2D58D8B3BCDF1Aull, 0xBC5AB1B16779BE35ull, 0xEB715E1DC1582DC2ull, 0xFB23979734A252F1ull, 0xFF1025F59174DC3Dull,
    0xFFD90F3BA4055E19ull, 0xFFFA8B71FC72C913ull, 0xFFFF540C0914B3C9ull, 0xFFFFED1F4AA8F120ull, 0xFFFFFE216E641462ull,
    0xFFFFFFD4D85D3183ull, 0xFFFFFFFC6DA262B4ull, 0xFFFFFFFFBA12D178ull, 0xFFFFFFFFFB07C64Cull, 0xFFFFFFFFFFAB8EA5ull,
    0xFFFFFFFFFFFABE22ull, 0xFFFFFFFFFFFFB11Aull, 0xFFFFFFFFFFFFFBA1ull, 0xFFFFFFFFFFFFFFC5ull, 0xFFFFFFFFFFFFFFFDull,
};

static inline int copies_of(const w2v_line_sample *sample, int64_t position)
{
    uint64_t number = mix(sample->key + (uint64_t)position);
    if (!sample->all && number >= sample->threshold)
        return 0;
    if (!sample->bootstrap)
        return 1;
    number = mix(number); /* the line is in the share because the first number is small */
    int copies = 0;
    while (copies < (int)(sizeof poisson / sizeof *poisson) && number >= poisson[copies])
        copies++;
    return copies;
}

void w2v_line_copies(const w2v_line_sample *sample, const int64_t *positions, int64_t n, uint8_t *copies)
{
    for (int64_t i = 0; i < n; i++)
        copies[i] = (uint8_t)copies_of(sample, positions[i]);
}

static int has_word(const uint8_t *classes, const uint8_t *text, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (classes[text[i]] == W2V_BYTE_WORD)
            return 1;
    return 0;
}

int64_t w2v_leave_out_lines(const w2v_line_sample *sample, const w2v_text_lines *lines, uint8_t *text, int64_t n)
{
    int64_t position = lines->line, left_out = 0;
    int first_word = lines->first_word;
    for (int64_t at = 0, next; at < n; at = next) {
        const uint8_t *found = memchr(text + at, lines->line_end, (size_t)(n - at));
        int64_t end = found == NULL ? n : found - text;
        if (!copies_of(sample, position)) {
            left_out += first_word && has_word(lines->classes, text + at, end - at);
            memset(text + at, lines->separator, (size_t)(end - at));
        }
        next = end + 1;
        position = lines->numbered ? position + 1 : lines->begin + next;
        first_word = 1;
    }
    return left_out;
}

int64_t w2v_repeat_lines(const w2v_line_sample *sample, const w2v_text_lines *lines, const uint8_t *text, int64_t n,
                         uint8_t *out, w2v_line_counts *counts)
{
    int64_t position = lines->line, size = 0;
    int first_word = lines->first_word;
    counts->left_out = counts->repeated = 0;
    for (int64_t at = 0, next; at < n; at = next) {
        const uint8_t *found = memchr(text + at, lines->line_end, (size_t)(n - at));
        next = found == NULL ? n : found - text + 1;
        int copies = copies_of(sample, position);
        if (copies != 1 && first_word && has_word(lines->classes, text + at, next - at)) {
            counts->left_out += copies == 0;
            counts->repeated += copies > 1 ? copies - 1 : 0;
        }
        for (int copy = 0; copy < copies; copy++, size += next - at)
            if (out != NULL)
                memcpy(out + size, text + at, (size_t)(next - at));
        if (copies == 0 && out != NULL)
            out[size] = lines->line_end;
        size += copies == 0;
        position = lines->numbered ? position + 1 : lines->begin + next;
        first_word = 1;
    }
    return size;
}

/* All words, without a branch that depends on single bytes. */
static int64_t count_all(const uint8_t *classes, const uint8_t *text, int64_t n)
{
    int64_t words = 0;
    int before = 0;
    for (int64_t i = 0; i < n; i++) {
        int is_word = classes[text[i]] == W2V_BYTE_WORD;
        words += is_word & ~before;
        before = is_word;
    }
    return words;
}

int64_t w2v_count_words(const uint8_t *classes, const uint8_t *text, int64_t n, int64_t most, int weighted,
                        int weight_next, int64_t *end)
{
    int64_t words = 0, at = 0;
    *end = n;
    if (!weighted && (words = count_all(classes, text, n)) < most)
        return words;
    words = 0;
    weight_next = weighted && weight_next;
    while (at < n) {
        uint8_t kind = classes[text[at]];
        if (kind != W2V_BYTE_WORD) {
            weight_next = weight_next || (weighted && kind == W2V_BYTE_LINE_END);
            at++;
            continue;
        }
        while (at < n && classes[text[at]] == W2V_BYTE_WORD)
            at++;
        words += !weight_next;
        weight_next = 0;
        if (words == most) {
            *end = at;
            return words;
        }
    }
    return words;
}
