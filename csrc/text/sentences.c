/* Ends of sentences: the sentence boundaries of UAX 29, with one rule more for initials ("J. R. R. Tolkien").
 *
 * Only a full stop or another terminator can end a sentence, so everything between them is copied. */
#include "text/prepare.h"

#include "text/bytes.h"
#include "text/unicode.h"

typedef struct reading {
    const uint8_t *text;
    int64_t n;
} reading;

#define BIT(kind) (1u << W2V_SENTENCE_##kind)

static inline w2v_decoded character_at(const reading *read, int64_t at)
{
    return w2v_decode(read->text + at, read->n - at);
}

static inline uint32_t class_at(const reading *read, int64_t at)
{
    return at < read->n ? 1u << character_at(read, at).properties->sentence : BIT(LINE);
}

/* Position of the first character at or after `at` whose class is not skipped. */
static int64_t skip(const reading *read, int64_t at, uint32_t skipped)
{
    while (at < read->n && class_at(read, at) & skipped)
        at += character_at(read, at).length;
    return at;
}

/* Start of the last character before `at` that is not a mark; -1 if there is none. */
static int64_t before(const reading *read, int64_t at)
{
    while (at > 0) {
        int64_t end = at--;
        while (at > 0 && end - at < 4 && (read->text[at] & 0xC0) == 0x80)
            at--;
        if (at + character_at(read, at).length != end)
            at = end - 1; /* not valid UTF-8 */
        if (!(class_at(read, at) & BIT(EXTEND)))
            return at;
    }
    return -1;
}

/* Whether the full stop at a position follows a single capital letter, as in "J." and "U.S.". */
static int follows_initial(const reading *read, int64_t letter)
{
    if (letter < 0 || !(class_at(read, letter) & BIT(UPPER)))
        return 0;
    int64_t place = before(read, letter);
    return place < 0 || !(class_at(read, place) & (BIT(UPPER) | BIT(LOWER) | BIT(LETTER) | BIT(NUMBER)));
}

/* Whether the first of the letters, line ends and terminators at or after `at` is a lower case letter (SB8). */
static int lower_case_follows(const reading *read, int64_t at)
{
    uint32_t deciding = BIT(UPPER) | BIT(LOWER) | BIT(LETTER) | BIT(LINE) | BIT(FULL_STOP) | BIT(TERMINATOR);
    return (class_at(read, skip(read, at, ~deciding)) & BIT(LOWER)) != 0;
}

/* End of the sentence that a terminator at `at` may end; -1 if the sentence continues. *next is where to read on. */
static int64_t sentence_end(const reading *read, int64_t at, int64_t *next)
{
    w2v_decoded terminator = character_at(read, at);
    int is_full_stop = terminator.properties->sentence == W2V_SENTENCE_FULL_STOP;
    int64_t after = skip(read, at + terminator.length, BIT(EXTEND));
    uint32_t kind = class_at(read, after);
    *next = after;
    if (is_full_stop) {
        int64_t last = before(read, at);
        uint32_t preceding = last < 0 ? 0 : class_at(read, last);
        if (kind & BIT(NUMBER) || (kind & BIT(UPPER) && preceding & (BIT(UPPER) | BIT(LOWER))))
            return -1; /* SB6, SB7 */
        if (follows_initial(read, last))
            return -1;
    }
    int64_t spaces = skip(read, after, BIT(CLOSE) | BIT(EXTEND)); /* SB9 */
    int64_t end = skip(read, spaces, BIT(SPACE) | BIT(EXTEND));   /* SB10 */
    kind = class_at(read, end);
    *next = end;
    if (kind & (BIT(CONTINUE) | BIT(FULL_STOP) | BIT(TERMINATOR) | BIT(LINE)))
        return -1; /* SB8a; a line end ends the sentence by itself */
    return is_full_stop && lower_case_follows(read, end) ? -1 : end;
}

/* Position of the next byte that may begin a terminator or a line end: beyond ASCII, or one of .!? and CR. */
static int64_t next_candidate(const reading *read, int64_t at)
{
    for (; at + W2V_BYTES <= read->n; at += W2V_BYTES) {
        w2v_bytes bytes = w2v_load(read->text + at);
        w2v_bytes found = w2v_either(w2v_either(w2v_equal(bytes, '.'), w2v_equal(bytes, '!')),
                                     w2v_either(w2v_equal(bytes, '?'), w2v_equal(bytes, '\r')));
        uint32_t bits = w2v_bits(w2v_either(found, bytes));
        if (bits)
            return at + w2v_lowest_bit(bits);
    }
    while (at < read->n && read->text[at] < 0x80 && !(class_at(read, at) & (BIT(FULL_STOP) | BIT(TERMINATOR))) &&
           read->text[at] != '\r')
        at++;
    return at;
}

int64_t w2v_split_sentences(const uint8_t *text, int64_t n, uint8_t *out)
{
    reading read = {text, n};
    uint8_t *to = out;
    int64_t copied = 0, at = 0;
    while ((at = next_candidate(&read, at)) < n) {
        w2v_decoded character = character_at(&read, at);
        uint32_t kind = 1u << character.properties->sentence;
        int64_t end = -1, next = at + character.length, skipped = 0;
        if (kind & (BIT(FULL_STOP) | BIT(TERMINATOR))) {
            end = sentence_end(&read, at, &next);
        } else if (kind & BIT(LINE) && text[at] != '\n' && !(text[at] == '\r' && at + 1 < n && text[at + 1] == '\n')) {
            end = at; /* a line end of Unicode becomes one of the tokenizer */
            skipped = character.length;
        }
        at = next;
        if (end < 0)
            continue;
        memcpy(to, text + copied, (size_t)(end - copied));
        to += end - copied;
        *to++ = '\n';
        copied = end + skipped;
    }
    memcpy(to, text + copied, (size_t)(n - copied));
    return to + (n - copied) - out;
}
