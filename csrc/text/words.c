/* Words of a text: the word boundaries of UAX 29, without punctuation or with each punctuation character as a word.
 *
 * No word crosses ASCII white space. Up to 64 bytes of ASCII that end with white space are done at once: letters and
 * digits are words, other bytes become blanks, and the few bytes that join a word, as in "don't" and "3.14", are found
 * by bit masks and put back. Any other token is read character by character. */
#include "text/prepare.h"

#include "text/bytes.h"
#include "text/unicode.h"

enum { WINDOW = 64 };

typedef struct splitter {
    const uint8_t *text;
    int64_t n;
    uint8_t *out, *to, *word_end; /* word_end: end of the last character that belongs to the open word */
    int lowercase, punctuation;
    int weighted, weight_next; /* whether lines begin with a weight; whether the next word is one */
    int open;                  /* what the open word ends with (enum ends) */
    int64_t ideographs;
} splitter;

/* --- ASCII, 64 bytes at a time --- */

/* One bit for each byte. */
typedef struct ascii_masks {
    uint64_t letters, digits, quotes, commas, connectors, blanks, beyond, returns, newlines;
} ascii_masks;

/* Classify 64 bytes, and write them to `out` with blanks for all bytes except letters, digits and line ends
 * (`separate`), or as they are, apart from upper case. */
static inline ascii_masks read_window(const uint8_t *text, int lowercase, int separate, uint8_t *out)
{
    ascii_masks masks = {0};
    for (int i = 0; i < WINDOW; i += W2V_BYTES) {
        w2v_bytes bytes = w2v_load(text + i), lower = w2v_lower_bytes(bytes);
        w2v_bytes letters = w2v_in_range(lower, 'a', 26), digits = w2v_in_range(bytes, '0', 10);
        w2v_bytes newlines = w2v_equal(bytes, '\n'), returns = w2v_equal(bytes, '\r');
        w2v_bytes kept = w2v_either(w2v_either(letters, digits), w2v_either(newlines, returns));
        w2v_bytes written = lowercase ? lower : bytes;
        w2v_store(out + i, separate ? w2v_choose(kept, written, w2v_all(' ')) : written);
        masks.letters |= (uint64_t)w2v_bits(letters) << i;
        masks.digits |= (uint64_t)w2v_bits(digits) << i;
        masks.quotes |= (uint64_t)w2v_bits(w2v_either(w2v_equal(bytes, '\''), w2v_equal(bytes, '.'))) << i;
        masks.commas |= (uint64_t)w2v_bits(w2v_either(w2v_equal(bytes, ','), w2v_equal(bytes, ';'))) << i;
        masks.connectors |= (uint64_t)w2v_bits(w2v_equal(bytes, '_')) << i;
        masks.blanks |= (uint64_t)w2v_bits(w2v_either(w2v_equal(bytes, ' '), w2v_in_range(bytes, 9, 5))) << i;
        masks.beyond |= (uint64_t)w2v_bits(bytes) << i;
        masks.returns |= (uint64_t)w2v_bits(returns) << i;
        masks.newlines |= (uint64_t)w2v_bits(newlines) << i;
    }
    return masks;
}

/* Bytes between letters or digits that belong to the word (WB6, WB7, WB11 to WB13b). A run of connectors joins if a
 * letter or digit is on both sides: a bit that is added at its start is carried to the byte after it. */
static uint64_t joining(ascii_masks masks)
{
    uint64_t alnum = masks.letters | masks.digits;
    uint64_t joins = masks.quotes & masks.letters << 1 & masks.letters >> 1;
    joins |= (masks.quotes | masks.commas) & masks.digits << 1 & masks.digits >> 1;
    uint64_t starts = masks.connectors & alnum << 1, after = masks.connectors + starts;
    for (uint64_t left = starts ? after & alnum : 0; left; left &= left - 1) {
        uint64_t end = left & (~left + 1);
        joins |= end - ((uint64_t)1 << w2v_highest_bit(starts & (end - 1)));
    }
    return joins;
}

/* Write each punctuation character of a window as a word of its own; `copy` is the window in lower case. */
static void write_separated(splitter *split, const uint8_t *copy, int size, uint64_t marks)
{
    int from = 0;
    for (; marks; marks &= marks - 1) {
        int at = w2v_lowest_bit(marks);
        memcpy(split->to, copy + from, (size_t)(at - from));
        split->to += at - from;
        *split->to++ = ' ';
        *split->to++ = copy[at] < ' ' || copy[at] == 0x7F ? ' ' : copy[at]; /* control characters are not words */
        *split->to++ = ' ';
        from = at + 1;
    }
    memcpy(split->to, copy + from, (size_t)(size - from));
    split->to += size - from;
}

/* Write the tokens of up to 64 bytes of ASCII and return their bytes, 0 if there is no white space before the first
 * byte beyond ASCII. */
static int write_window(splitter *split, int64_t at)
{
    uint8_t copy[WINDOW], *to = split->punctuation ? copy : split->to;
    const uint8_t *text = split->text + at;
    ascii_masks masks = read_window(text, split->lowercase, !split->punctuation, to);
    uint64_t within = masks.beyond ? (masks.beyond & (~masks.beyond + 1)) - 1 : ~(uint64_t)0;
    if (split->weighted && (masks.newlines | masks.returns) & within) {
        uint64_t ends = (masks.newlines | masks.returns) & within, first = ends & (~ends + 1);
        within = first | (first - 1);
    }
    uint64_t blanks = masks.blanks & within;
    if (blanks == 0)
        return 0;
    int size = w2v_highest_bit(blanks) + 1;
    within = ~(uint64_t)0 >> (WINDOW - size);
    uint64_t joins = joining(masks) & within;
    for (uint64_t lone = masks.returns & ~(masks.newlines >> 1) & within; lone; lone &= lone - 1) {
        int place = w2v_lowest_bit(lone);
        if (at + place + 1 >= split->n || text[place + 1] != '\n')
            to[place] = '\n';
    }
    if (split->weighted && (masks.newlines | masks.returns) & within)
        split->weight_next = 1;
    if (split->punctuation) {
        uint64_t alnum = masks.letters | masks.digits;
        write_separated(split, copy, size, ~(alnum | masks.blanks | joins) & within);
        return size;
    }
    for (; joins; joins &= joins - 1)
        to[w2v_lowest_bit(joins)] = text[w2v_lowest_bit(joins)];
    split->to += size;
    return size;
}

/* --- any token, character by character --- */

/* What the open word ends with; a character joins it if `joins` has its class. */
enum ends {
    NO_WORD,
    LETTER,
    HEBREW,
    NUMBER,
    KATAKANA,
    COMPLEX,
    ALONE,     /* an ideograph, or a punctuation character */
    CONNECTED, /* after connectors */
    MIDDLE_OF_LETTERS,
    MIDDLE_OF_NUMBERS,
    MIDDLE_OF_HEBREW,
    FLAG, /* the first half */
    SYMBOL,
    JOINED_SYMBOL, /* and U+200D */
    N_ENDS
};

#define BIT(kind) (1u << W2V_WORD_##kind)
#define LETTERS (BIT(LETTER) | BIT(HEBREW))

static const uint32_t joins[N_ENDS] = {
    [LETTER] = LETTERS | BIT(NUMBER), [HEBREW] = LETTERS | BIT(NUMBER),
    [NUMBER] = LETTERS | BIT(NUMBER), [KATAKANA] = BIT(KATAKANA),
    [COMPLEX] = BIT(COMPLEX),         [CONNECTED] = LETTERS | BIT(NUMBER) | BIT(KATAKANA),
    [MIDDLE_OF_LETTERS] = LETTERS,    [MIDDLE_OF_NUMBERS] = BIT(NUMBER),
    [MIDDLE_OF_HEBREW] = BIT(HEBREW), [FLAG] = BIT(REGIONAL),
    [JOINED_SYMBOL] = BIT(SYMBOL),
};

static int end_of(int kind)
{
    switch (kind) {
    case W2V_WORD_LETTER: return LETTER;
    case W2V_WORD_HEBREW: return HEBREW;
    case W2V_WORD_NUMBER: return NUMBER;
    case W2V_WORD_KATAKANA: return KATAKANA;
    case W2V_WORD_COMPLEX: return COMPLEX;
    case W2V_WORD_REGIONAL: return FLAG;
    case W2V_WORD_SYMBOL: return SYMBOL;
    default: return ALONE;
    }
}

/* Class of the next character that is not a mark, or not a connector if they are skipped, as a bit; OTHER at the end. */
static uint32_t next_class(const splitter *split, int64_t at, int skip_connectors)
{
    uint32_t skipped = BIT(EXTEND) | BIT(FORMAT) | BIT(JOINER) | (skip_connectors ? BIT(CONNECTOR) : 0);
    while (at < split->n) {
        w2v_decoded next = w2v_decode(split->text + at, split->n - at);
        uint32_t bit = 1u << next.properties->word;
        if (!(skipped & bit))
            return bit;
        at += next.length;
    }
    return BIT(OTHER);
}

/* What the open word ends with if this character joins its letters or digits; NO_WORD if it does not. */
static int middle_of(const splitter *split, int kind, int64_t after)
{
    int open = split->open, is_letter = open == LETTER || open == HEBREW;
    uint32_t bit = 1u << kind;
    if (bit & BIT(CONNECTOR)) { /* WB13a and WB13b, but not at the end of a word */
        if (open == CONNECTED)
            return CONNECTED;
        int may_join = is_letter || open == NUMBER || open == KATAKANA;
        return may_join && next_class(split, after, 1) & joins[CONNECTED] ? CONNECTED : NO_WORD;
    }
    if (open == HEBREW && bit & BIT(SINGLE_QUOTE))
        return MIDDLE_OF_LETTERS; /* WB7a */
    if (is_letter && bit & (BIT(MID_LETTER) | BIT(MID_NUMBER_LETTER) | BIT(SINGLE_QUOTE)))
        return next_class(split, after, 0) & LETTERS ? MIDDLE_OF_LETTERS : NO_WORD; /* WB6, WB7 */
    if (open == NUMBER && bit & (BIT(MID_NUMBER) | BIT(MID_NUMBER_LETTER) | BIT(SINGLE_QUOTE)))
        return next_class(split, after, 0) & BIT(NUMBER) ? MIDDLE_OF_NUMBERS : NO_WORD; /* WB11, WB12 */
    if (open == HEBREW && bit & BIT(DOUBLE_QUOTE))
        return next_class(split, after, 0) & BIT(HEBREW) ? MIDDLE_OF_HEBREW : NO_WORD; /* WB7b, WB7c */
    return NO_WORD;
}

static void close_word(splitter *split)
{
    if (split->open != NO_WORD)
        split->to = split->word_end; /* without format characters at its end */
    split->open = NO_WORD;
}

static void write_in_word(splitter *split, const uint8_t *text, w2v_decoded character, int open)
{
    split->to += w2v_write_character(split->to, text, character, split->lowercase);
    split->word_end = split->to;
    split->open = open;
}

static void open_word(splitter *split, const uint8_t *text, w2v_decoded character, int open)
{
    close_word(split);
    if (split->to > split->out && !w2v_is_blank(split->to[-1]))
        *split->to++ = ' ';
    write_in_word(split, text, character, open);
}

/* A mark or format character, which belongs to the character before it (WB4). */
static void write_mark(splitter *split, const uint8_t *text, w2v_decoded character)
{
    int kind = character.properties->word;
    if (split->open == NO_WORD)
        return;
    if (kind == W2V_WORD_FORMAT)
        split->to += w2v_write_character(split->to, text, character, 0);
    else
        write_in_word(split, text, character,
                      kind == W2V_WORD_JOINER && split->open == SYMBOL ? JOINED_SYMBOL : split->open);
}

static void write_in_token(splitter *split, int64_t at, w2v_decoded character)
{
    const uint8_t *text = split->text + at;
    int kind = character.properties->word, middle;
    uint32_t bit = 1u << kind;
    if (bit & (BIT(EXTEND) | BIT(FORMAT) | BIT(JOINER))) {
        write_mark(split, text, character);
    } else if (joins[split->open] & bit) {
        write_in_word(split, text, character, split->open == FLAG ? ALONE : end_of(kind));
    } else if (bit & (LETTERS | BIT(NUMBER) | BIT(KATAKANA) | BIT(COMPLEX) | BIT(IDEOGRAPH))) {
        split->ideographs += kind == W2V_WORD_IDEOGRAPH;
        open_word(split, text, character, end_of(kind));
    } else if (kind == W2V_WORD_OTHER) {
        close_word(split);
    } else if ((middle = middle_of(split, kind, at + character.length)) != NO_WORD) {
        write_in_word(split, text, character, middle);
    } else if (split->punctuation) {
        open_word(split, text, character, end_of(kind));
    } else {
        close_word(split);
    }
}

/* Write the token that begins at a position, up to white space of any kind, and return its end. */
static int64_t write_token(splitter *split, int64_t at)
{
    int is_weight = split->weight_next;
    split->weight_next = 0;
    while (at < split->n && !w2v_is_blank(split->text[at])) {
        w2v_decoded character = w2v_decode(split->text + at, split->n - at);
        int kind = character.properties->word;
        if (kind == W2V_WORD_SPACE || kind == W2V_WORD_LINE)
            break;
        if (is_weight)
            split->to += w2v_write_character(split->to, split->text + at, character, 0);
        else
            write_in_token(split, at, character);
        at += character.length;
    }
    close_word(split);
    return at;
}

/* Write the white space character at a position and return its length. */
static int write_space(splitter *split, int64_t at)
{
    w2v_decoded character = w2v_decode(split->text + at, split->n - at);
    int is_crlf = split->text[at] == '\r' && at + 1 < split->n && split->text[at + 1] == '\n';
    int ends_line = character.properties->word == W2V_WORD_LINE && !is_crlf;
    *split->to++ = ends_line ? '\n' : is_crlf ? '\r' : ' ';
    split->weight_next |= ends_line && split->weighted;
    return character.length;
}

static int is_space(const splitter *split, int64_t at)
{
    if (split->text[at] < 0x80)
        return w2v_is_blank(split->text[at]);
    int kind = w2v_decode(split->text + at, split->n - at).properties->word;
    return kind == W2V_WORD_SPACE || kind == W2V_WORD_LINE;
}

int64_t w2v_split_words(const uint8_t *text, int64_t n, int lowercase, int punctuation, w2v_line_weights weights,
                        uint8_t *out, int64_t *ideographs)
{
    splitter split = {.text = text,
                      .n = n,
                      .out = out,
                      .to = out,
                      .word_end = out,
                      .lowercase = lowercase,
                      .punctuation = punctuation,
                      .weighted = weights != W2V_NO_WEIGHTS,
                      .weight_next = weights == W2V_WEIGHT_FIRST};
    int64_t at = 0;
    while (at < n) {
        int done = 0;
        if (n - at >= WINDOW && text[at] < 0x80 && !split.weight_next)
            done = write_window(&split, at);
        at += done;
        if (!done && !is_space(&split, at))
            at = write_token(&split, at);
        if (!done && at < n)
            at += write_space(&split, at);
    }
    *ideographs += split.ideographs;
    return split.to - out;
}
