/* Properties of characters, from tables that make_unicode.py writes when the package is built. */
#ifndef W2V_UNICODE_H
#define W2V_UNICODE_H

#include <stdint.h>

#include "text/utf8.h"

/* Word_Break of UAX 29, finer where it says Other. */
typedef enum w2v_word_class {
    W2V_WORD_OTHER, /* control characters, unassigned characters */
    W2V_WORD_SPACE, /* and U+200B */
    W2V_WORD_LINE,
    W2V_WORD_LETTER,
    W2V_WORD_HEBREW,
    W2V_WORD_NUMBER,
    W2V_WORD_KATAKANA,
    W2V_WORD_COMPLEX,   /* Thai and its neighbours: a run is one word */
    W2V_WORD_IDEOGRAPH, /* and Hiragana: each one is a word */
    W2V_WORD_CONNECTOR,
    W2V_WORD_EXTEND, /* marks */
    W2V_WORD_FORMAT,
    W2V_WORD_JOINER, /* U+200D */
    W2V_WORD_MID_LETTER,
    W2V_WORD_MID_NUMBER_LETTER,
    W2V_WORD_MID_NUMBER,
    W2V_WORD_SINGLE_QUOTE,
    W2V_WORD_DOUBLE_QUOTE,
    W2V_WORD_PUNCTUATION,
    W2V_WORD_SYMBOL,
    W2V_WORD_REGIONAL, /* two of them are a flag */
} w2v_word_class;

/* Sentence_Break of UAX 29. EXTEND includes Format. */
typedef enum w2v_sentence_class {
    W2V_SENTENCE_OTHER,
    W2V_SENTENCE_LINE,
    W2V_SENTENCE_EXTEND,
    W2V_SENTENCE_SPACE,
    W2V_SENTENCE_LOWER,
    W2V_SENTENCE_UPPER,
    W2V_SENTENCE_LETTER,
    W2V_SENTENCE_NUMBER,
    W2V_SENTENCE_FULL_STOP,
    W2V_SENTENCE_TERMINATOR,
    W2V_SENTENCE_CONTINUE,
    W2V_SENTENCE_CLOSE,
} w2v_sentence_class;

typedef struct w2v_character {
    int32_t fold;      /* simple case folding: difference of the code points */
    uint8_t word;      /* w2v_word_class */
    uint8_t sentence;  /* w2v_sentence_class */
    uint8_t combining; /* Canonical_Combining_Class */
    uint8_t changed;   /* 1: normalization form C may change it, or compose it with the character before it; 2: KC */
} w2v_character;

extern const char w2v_unicode_version[];
extern const w2v_character w2v_characters[];
extern const uint16_t w2v_unicode_blocks[], w2v_unicode_records[];

enum { W2V_LOG2_UNICODE_BLOCK = 7 };

/* Properties of a code point up to U+10FFFF. */
static inline const w2v_character *w2v_character_of(uint32_t code)
{
    uint32_t block = w2v_unicode_blocks[code >> W2V_LOG2_UNICODE_BLOCK], mask = (1 << W2V_LOG2_UNICODE_BLOCK) - 1;
    return &w2v_characters[w2v_unicode_records[block << W2V_LOG2_UNICODE_BLOCK | (code & mask)]];
}

/* One character: its length in bytes, and its properties. A byte that is not valid UTF-8 is a letter of length 1 with
 * no code point. */
typedef struct w2v_decoded {
    int length, valid;
    uint32_t code;
    const w2v_character *properties;
} w2v_decoded;

static inline w2v_decoded w2v_decode(const uint8_t *text, int64_t n)
{
    static const w2v_character unknown = {0, W2V_WORD_LETTER, W2V_SENTENCE_LETTER, 0, 0};
    w2v_decoded found;
    found.length = w2v_utf8_length(text, n);
    found.valid = found.length > 0;
    found.code = found.valid ? w2v_code_point(text, found.length) : 0;
    found.properties = found.valid ? w2v_character_of(found.code) : &unknown;
    found.length += !found.valid;
    return found;
}

/* Write a character, folded if `lowercase`, and return the number of bytes written. */
static inline int w2v_write_character(uint8_t *out, const uint8_t *text, w2v_decoded character, int lowercase)
{
    if (lowercase && character.properties->fold != 0)
        return w2v_write_utf8(out, (uint32_t)((int32_t)character.code + character.properties->fold));
    for (int i = 0; i < character.length; i++)
        out[i] = text[i];
    return character.length;
}

#endif
