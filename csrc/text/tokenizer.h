/* From a block of text to ids: where words begin and end, which line ends lie between them, and what each word is.
 *
 * A block begins and ends at a word boundary; the caller sees to that, and does not cut between \r and \n. Words are
 * the runs of bytes of class W2V_BYTE_WORD. Thread safe as long as each thread has its own table and output.
 */
#ifndef W2V_TOKENIZER_H
#define W2V_TOKENIZER_H

#include "text/wordtable.h"

enum { W2V_BYTE_WORD = 0, W2V_BYTE_SEPARATOR = 1, W2V_BYTE_LINE_END = 2 };

#define W2V_LINE_END (-1)
#define W2V_DROPPED (-2)
#define W2V_MAX_BLOCK ((int64_t)1 << 30)

/* What a block adds to the report. A line may go on over many blocks: `head_words` complete the line that was open
 * before, `tail_words` begin the one that is open after; with no line end in the block all words are `tail_words`. */
typedef struct w2v_block_stats {
    int64_t n_ids;      /* entries written to out */
    int64_t words;
    int64_t line_ends;  /* entries that are W2V_LINE_END */
    int64_t head_words;
    int64_t tail_words;
    int64_t longest_inner; /* words of the longest line that lies wholly in the block */
    int64_t crlf_lines;
    int64_t weights;       /* first words that were read as weights; they are no words */
    int64_t zero_weights;
    double weight_sum;
    float lowest_weight, highest_weight;      /* of no use if there are no weights */
    int64_t bad_weight_begin, bad_weight_end; /* on W2V_BAD_WEIGHT: where it stands in the block */
} w2v_block_stats;

/* What the first word of each line is: a word; or its weight, and the block begins at the first word of a line, or
 * later in one. */
typedef enum w2v_line_weights { W2V_NO_WEIGHTS = 0, W2V_WEIGHT_FIRST = 1, W2V_WEIGHT_PASSED = 2 } w2v_line_weights;

/* Tokenise text[0 .. n), n <= W2V_MAX_BLOCK. `classes` has 256 entries. New words enter the reader's table, counts go
 * up, ids are written to `out` (room for n + 2) with W2V_LINE_END for the line ends; empty lines write nothing, so
 * only the first entry can be a line end without words of this block before it. A weight, a finite number of 0 or more,
 * is written as lineweight.h says, before the words of its line. Bytes beyond text + n are never read. On an error `out`
 * and `stats` hold nothing else of use and counts of the block are partly added. */
w2v_status w2v_tokenize(const uint8_t *classes, const uint8_t *text, int64_t n, w2v_line_weights weights,
                        w2v_reader *reader, int32_t *out, w2v_block_stats *stats);

/* Final ids: map[id + 1] is the final id of `id` or W2V_DROPPED, and map[0] is W2V_LINE_END; n_map entries. Weights stay
 * as they are, also where no word of their line does. Line ends
 * after nothing (at the start, or after another line end) are dropped. *last is the last entry written so far,
 * W2V_LINE_END before the first call. `out` may be `ids`, or lie before it. Returns the number of entries kept, k, or -1
 * if an id lies outside of the map; out[k] may be overwritten too, so a separate `out` needs room for one entry more than
 * is kept. */
int64_t w2v_remap(const int32_t *ids, int64_t n, const int32_t *map, int64_t n_map, int32_t *out, int32_t *last);

#endif
