/* Which lines and words of a text are read: a sample of the lines, perhaps with copies, and the first words.
 *
 * Place in the data flow: blocks of a corpus (w2v/corpus/selection.py) -> here -> tokenizer. Bytes have the classes of
 * tokenizer.h. No function allocates or has state, so all are thread safe. */
#ifndef W2V_SELECTION_H
#define W2V_SELECTION_H

#include <stdint.h>

/* A sample of the lines of a file. How often a line is in it depends on the seed, the file and the position of the line
 * only. */
typedef struct w2v_line_sample {
    uint64_t key;       /* of w2v_sample_key */
    uint64_t threshold; /* share of the lines, times 2^64 */
    int all;            /* every line, whatever the threshold is */
    int bootstrap;      /* each of these lines a Poisson(1) number of times; otherwise once */
} w2v_line_sample;

/* The key of the file with this number. */
uint64_t w2v_sample_key(uint64_t seed, uint64_t file);

/* copies[i] = how often the line at positions[i] is in the sample, 0 to 20. */
void w2v_line_copies(const w2v_line_sample *sample, const int64_t *positions, int64_t n, uint8_t *copies);

/* A block of text: some lines, the first of which may begin before the block. */
typedef struct w2v_text_lines {
    const uint8_t *classes; /* [256] */
    uint8_t line_end, separator;
    int numbered;   /* the position of a line is its number; otherwise that of its first byte */
    int64_t begin;  /* position of the block: of its first byte, or the number of its first line */
    int64_t line;   /* position of its first line */
    int first_word; /* whether the first word of its first line is in the block, if it has one */
} w2v_text_lines;

/* Overwrite the lines of text[0 .. n) that are not in the sample by separators; line ends stay, so that positions do not
 * change. Returns the number of these lines whose first word is in the block. */
int64_t w2v_leave_out_lines(const w2v_line_sample *sample, const w2v_text_lines *lines, uint8_t *text, int64_t n);

/* What a sample does to the lines with words whose first word is in a block. */
typedef struct w2v_line_counts {
    int64_t left_out; /* lines */
    int64_t repeated; /* copies after the first */
} w2v_line_counts;

/* Write each line of text[0 .. n) to `out` as often as it is in the sample, and an empty line for one that is not.
 * Returns the size of `out`, which may be NULL: then nothing is written. `text` and `out` do not overlap. */
int64_t w2v_repeat_lines(const w2v_line_sample *sample, const w2v_text_lines *lines, const uint8_t *text, int64_t n,
                         uint8_t *out, w2v_line_counts *counts);

/* Count the words of text[0 .. n) up to `most` >= 1. If `weighted`, the first word of each line is its weight and no
 * word; `weight_next` says whether the first word of the text is one. *end is the position after word `most`, or n if
 * there are fewer words. */
int64_t w2v_count_words(const uint8_t *classes, const uint8_t *text, int64_t n, int64_t most, int weighted,
                        int weight_next, int64_t *end);

#endif
