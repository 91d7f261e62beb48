/* Characters: case folding, white space of Unicode, and the quick check of normalization. Stop words. */
#include "text/prepare.h"

#include <stdlib.h>

#include "text/bytes.h"
#include "text/unicode.h"

/* --- normalization --- */

/* The quick check of one character: whether the text up to it may change. *combining is the class of the character
 * before it. */
static int may_change(const w2v_character *properties, w2v_normal_form form, int *combining)
{
    int before = *combining;
    *combining = properties->combining;
    return (properties->changed & form) != 0 || (properties->combining != 0 && properties->combining < before);
}

static int64_t token_end(const uint8_t *classes, const uint8_t *text, int64_t n, int64_t at)
{
    while (at < n && classes[text[at]] == W2V_BYTE_WORD)
        at++;
    return at;
}

int64_t w2v_find_denormal(const uint8_t *classes, const uint8_t *text, int64_t n, w2v_normal_form form, int64_t *at,
                          int64_t *edges, int64_t capacity)
{
    int64_t found = 0, here = *at, least = *at;
    int combining = 0;
    while (here < n && found < capacity) {
        if (n - here >= W2V_BYTES && w2v_bits(w2v_load(text + here)) == 0) {
            here += W2V_BYTES;
            combining = 0;
            continue;
        }
        w2v_decoded character = w2v_decode(text + here, n - here);
        if (text[here] < 0x80 || !may_change(character.properties, form, &combining)) {
            combining = text[here] < 0x80 ? 0 : combining;
            here += character.length;
            continue;
        }
        int64_t begin = here;
        while (begin > least && classes[text[begin - 1]] == W2V_BYTE_WORD)
            begin--;
        here = least = token_end(classes, text, n, here);
        edges[2 * found] = begin;
        edges[2 * found++ + 1] = here;
        combining = 0;
    }
    *at = here;
    return found;
}

/* --- characters --- */

static inline int is_lone_cr(const uint8_t *text, int64_t n, int64_t at)
{
    return text[at] == '\r' && !(at + 1 < n && text[at + 1] == '\n');
}

int64_t w2v_map_characters(const uint8_t *text, int64_t n, int lowercase, int spaces, uint8_t *out)
{
    uint8_t *to = out;
    int64_t at = 0;
    while (at < n) {
        if (n - at >= W2V_BYTES) {
            w2v_bytes bytes = w2v_load(text + at);
            uint32_t special = w2v_bits(spaces ? w2v_either(bytes, w2v_equal(bytes, '\r')) : bytes);
            w2v_store(to, lowercase ? w2v_lower_bytes(bytes) : bytes);
            int plain = special ? w2v_lowest_bit(special) : W2V_BYTES;
            at += plain;
            to += plain;
            if (!special)
                continue;
        }
        do { /* characters beyond ASCII come together */
            w2v_decoded character = w2v_decode(text + at, n - at);
            int kind = character.properties->word;
            if (spaces && character.length > 1 && (kind == W2V_WORD_SPACE || kind == W2V_WORD_LINE))
                *to++ = kind == W2V_WORD_LINE ? '\n' : ' ';
            else if (spaces && is_lone_cr(text, n, at))
                *to++ = '\n';
            else
                to += w2v_write_character(to, text + at, character, lowercase);
            at += character.length;
        } while (at < n && text[at] >= 0x80);
    }
    return to - out;
}

/* --- stop words --- */

static uint64_t hash_of(const uint8_t *word, int64_t length)
{
    uint64_t hash = 0xCBF29CE484222325u; /* FNV-1a */
    for (int64_t i = 0; i < length; i++)
        hash = (hash ^ word[i]) * 0x100000001B3u;
    return hash ^ hash >> 29;
}

static uint32_t *slot_of(const w2v_stop_words *set, const uint8_t *word, int64_t length)
{
    for (uint64_t at = hash_of(word, length);; at++) {
        uint32_t *slot = &set->slots[at & set->mask];
        if (*slot == 0)
            return slot;
        int64_t begin = set->offsets[*slot - 1];
        if (set->offsets[*slot] - begin == length && memcmp(set->bytes + begin, word, (size_t)length) == 0)
            return slot;
    }
}

static uint64_t length_bit(int64_t length) { return (uint64_t)1 << (length < 63 ? length : 63); }

int w2v_stop_words_init(w2v_stop_words *set, const uint8_t *bytes, const int64_t *offsets, int64_t n)
{
    uint64_t slots = 16;
    while (slots < 4 * (uint64_t)n)
        slots *= 2;
    *set = (w2v_stop_words){
        .slots = calloc(slots, sizeof *set->slots), .bytes = bytes, .offsets = offsets, .mask = slots - 1};
    if (set->slots == NULL)
        return 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t length = offsets[i + 1] - offsets[i];
        if (length == 0)
            continue;
        *slot_of(set, bytes + offsets[i], length) = (uint32_t)i + 1;
        set->lengths[bytes[offsets[i]]] |= length_bit(length);
    }
    return 1;
}

void w2v_stop_words_free(w2v_stop_words *set) { free(set->slots); }

/* The same as token_end for text. */
static int64_t text_token_end(const uint8_t *text, int64_t n, int64_t at)
{
    for (; at + W2V_BYTES <= n; at += W2V_BYTES) {
        w2v_bytes bytes = w2v_load(text + at);
        uint32_t blanks = w2v_bits(w2v_either(w2v_equal(bytes, ' '), w2v_in_range(bytes, 9, 5)));
        if (blanks)
            return at + w2v_lowest_bit(blanks);
    }
    while (at < n && !w2v_is_blank(text[at]))
        at++;
    return at;
}

int64_t w2v_leave_out(const w2v_stop_words *set, const uint8_t *classes, const uint8_t *text, int64_t n,
                      w2v_line_weights weights, uint8_t *out, int64_t *left_out)
{
    uint8_t *to = out;
    int is_weight = weights == W2V_WEIGHT_FIRST, is_text = classes[' '] == W2V_BYTE_SEPARATOR;
    int64_t copied = 0;
    for (int64_t at = 0, end; at < n; at = end + 1) {
        end = is_text ? text_token_end(text, n, at) : token_end(classes, text, n, at);
        int64_t length = end - at;
        if (length > 0 && set->lengths[text[at]] & length_bit(length) && !is_weight &&
            *slot_of(set, text + at, length) != 0) {
            memcpy(to, text + copied, (size_t)(at - copied));
            to += at - copied;
            copied = end + (end < n && classes[text[end]] == W2V_BYTE_SEPARATOR);
            ++*left_out;
        }
        if (weights != W2V_NO_WEIGHTS)
            is_weight = (end < n && classes[text[end]] == W2V_BYTE_LINE_END) || (is_weight && length == 0);
    }
    memcpy(to, text + copied, (size_t)(n - copied));
    return to + (n - copied) - out;
}
