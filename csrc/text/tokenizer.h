/* From a block of text to ids: word boundaries, line ends, and the id of each word.
 *
 * The caller makes sure that a block begins and ends at a word boundary and not between \r and \n. Words are runs of
 * bytes of class W2V_BYTE_WORD. Thread safe as long as each thread has its own reader and output. */
#ifndef W2V_TOKENIZER_H
#define W2V_TOKENIZER_H

#include "text/lineweight.h"
#include "text/wordtable.h"

enum { W2V_BYTE_WORD = 0, W2V_BYTE_SEPARATOR = 1, W2V_BYTE_LINE_END = 2 };

#define W2V_DROPPED (-2)
#define W2V_MAX_BLOCK ((int64_t)1 << 30)

/* Statistics of a block for the corpus report. A line may span many blocks: `head_words` complete the line that was
 * open before the block, `tail_words` begin the line that is open after it. Without a line end in the block all words
 * are `tail_words`. */
typedef struct w2v_block_stats {
    int64_t n_ids; /* entries written to out */
    int64_t words;
    int64_t line_ends; /* entries that are W2V_LINE_END */
    int64_t head_words;
    int64_t tail_words;
    int64_t longest_inner; /* words of the longest line that is entirely in the block */
    int64_t crlf_lines;
    int64_t weights; /* first words of lines that were read as weights, and do not count as words */
    int64_t zero_weights;
    double weight_sum;
    float lowest_weight, highest_weight;      /* undefined if there are no weights */
    int64_t bad_weight_begin, bad_weight_end; /* on W2V_BAD_WEIGHT: its position in the block */
} w2v_block_stats;

/* Meaning of the first word of each line: a word like any other; or the line's weight, where the block begins with the
 * first word of a line (W2V_WEIGHT_FIRST) or later in a line (W2V_WEIGHT_PASSED). */
typedef enum w2v_line_weights { W2V_NO_WEIGHTS = 0, W2V_WEIGHT_FIRST = 1, W2V_WEIGHT_PASSED = 2 } w2v_line_weights;

/* End a line whose words begin at out[*line_start]. Empty lines write nothing, except for the first line of a block,
 * whose words may be in earlier blocks. */
static inline void w2v_end_line(w2v_block_stats *stats, int32_t *out, int64_t *n_ids, int64_t *line_start)
{
    int64_t words = *n_ids - *line_start;
    if (stats->line_ends == 0)
        stats->head_words = words;
    else if (words == 0)
        return;
    else if (words > stats->longest_inner)
        stats->longest_inner = words;
    stats->line_ends++;
    out[(*n_ids)++] = W2V_LINE_END;
    *line_start = *n_ids;
}

/* Tokenize text[0 .. n), n <= W2V_MAX_BLOCK. `classes` has 256 entries. New words are added to the reader's table and
 * counted; ids are written to `out` (room for n + 2 entries) with W2V_LINE_END for line ends. Empty lines write
 * nothing, so only the first entry can be a line end without words of this block before it. A weight, a finite number
 * of 0 or more, is written as in lineweight.h before the words of its line. Bytes beyond text + n are never read. On an
 * error `out` and the other fields of `stats` are undefined, and the counts of the block have been added in part. */
w2v_status w2v_tokenize(const uint8_t *classes, const uint8_t *text, int64_t n, w2v_line_weights weights,
                        w2v_reader *reader, int32_t *out, w2v_block_stats *stats);

/* Replace ids by final ids: map[id + 1] is the final id or W2V_DROPPED, map[0] is W2V_LINE_END; n_map entries. Weights
 * are kept, even if no word of their line is. Line ends of empty lines (at the start, or after another line end) are
 * dropped. *last is the last entry written so far, W2V_LINE_END before the first call. `out` may be `ids` or an earlier
 * position of it. Returns the number of entries kept, k, or -1 if an id is outside the map. out[k] may be overwritten
 * too, so a separate `out` needs room for one more entry. */
int64_t w2v_remap(const int32_t *ids, int64_t n, const int32_t *map, int64_t n_map, int32_t *out, int32_t *last);

#endif
