/* Text as people have it -> text whose words are separated by ASCII white space, for the tokenizer.
 *
 * The steps, each from one buffer to another: normalization (only finding what may change), ends of sentences, words,
 * and stop words. A block begins and ends at a word boundary, and with sentences at a line end, so that the result
 * does not depend on the size of blocks. Bytes that are not valid UTF-8 are letters and are never changed. Thread
 * safe: nothing is shared but the stop words, which are only read. `out` never overlaps `text`. */
#ifndef W2V_PREPARE_H
#define W2V_PREPARE_H

#include <stdint.h>

#include "text/tokenizer.h"

enum { W2V_PREPARE_SLACK = 64 }; /* bytes that may be overwritten after the last byte of an output */

typedef enum w2v_normal_form { W2V_NFC = 1, W2V_NFKC = 2 } w2v_normal_form;

/* Find tokens that normalization may change: the quick check of UAX 15. `classes` as in w2v_tokenize tells the tokens.
 * The search begins at *at, the start of a token, and ends at the end of the text or when `capacity` tokens are found;
 * *at is then where to go on. Returns the number of tokens; edges[2 * i] and edges[2 * i + 1] are begin and end. */
int64_t w2v_find_denormal(const uint8_t *classes, const uint8_t *text, int64_t n, w2v_normal_form form, int64_t *at,
                          int64_t *edges, int64_t capacity);

/* Write the text with a line end after each sentence (UAX 29, and no end after the full stop of an initial such as
 * "J."). A CR alone becomes a line end. `out` has room for 2 n + W2V_PREPARE_SLACK bytes. Returns the bytes written. */
int64_t w2v_split_sentences(const uint8_t *text, int64_t n, uint8_t *out);

/* Write the text with simple case folding (`lowercase`) and with each white space character beyond ASCII replaced by a
 * blank or line end (`spaces`), CR alone included. `out` has room for 2 n + W2V_PREPARE_SLACK bytes. Returns the bytes
 * written. */
int64_t w2v_map_characters(const uint8_t *text, int64_t n, int lowercase, int spaces, uint8_t *out);

/* Write the words of the text (UAX 29), separated by blanks and line ends. Without `punctuation` all other characters
 * are left out; with it each punctuation character and symbol is a word. The first word of a line that is a weight is
 * copied up to the next white space. `out` has room for 3 n + W2V_PREPARE_SLACK bytes. *ideographs grows by the number
 * of words that are an ideograph or Hiragana. Returns the bytes written. */
int64_t w2v_split_words(const uint8_t *text, int64_t n, int lowercase, int punctuation, w2v_line_weights weights,
                        uint8_t *out, int64_t *ideographs);

/* Words to leave out. */
typedef struct w2v_stop_words {
    uint32_t *slots; /* number of the word, + 1; 0 is free */
    const uint8_t *bytes;
    const int64_t *offsets;
    uint64_t mask;         /* number of slots - 1 */
    uint64_t lengths[256]; /* by first byte: bit i is set if such a word has i bytes; bit 63: or more */
} w2v_stop_words;

/* Index n words, word i is bytes[offsets[i] .. offsets[i + 1]). Keeps the pointers. 0 if there is no memory. */
int w2v_stop_words_init(w2v_stop_words *set, const uint8_t *bytes, const int64_t *offsets, int64_t n);
void w2v_stop_words_free(w2v_stop_words *set);

/* Write the text without the stop words and the separators after them; line ends and weights stay. `out` has room for n
 * bytes. *left_out grows by the number of words. Returns the bytes written. */
int64_t w2v_leave_out(const w2v_stop_words *set, const uint8_t *classes, const uint8_t *text, int64_t n,
                      w2v_line_weights weights, uint8_t *out, int64_t *left_out);

#endif
