/* From integers to ids of a word table without text between: the word of a number is its decimal digits.
 *
 * Place in the data flow: blocks of arrays (w2v/corpus/integers.py) -> ids and counts, as w2v_tokenize makes them of
 * text with the same numbers. The digits of a number below W2V_SMALL_INTEGERS are written once, when it is new; then
 * its id is read from an array that all threads share. Larger numbers are written each time, and looked up by their
 * digits. Thread safe as long as each thread has its own reader and output. */
#ifndef W2V_INTEGERS_H
#define W2V_INTEGERS_H

#include "text/tokenizer.h"

/* Integers of a block, in native byte order. Value (i, k) is at values + i * row_stride + k * column_stride, aligned or
 * not. */
typedef struct w2v_integers {
    const uint8_t *values;
    int size;      /* bytes of a value: 1, 2, 4 or 8 */
    int is_signed; /* unsigned values of 8 bytes must be below 2^63 */
    int64_t rows, columns;
    int64_t row_stride, column_stride; /* bytes, may be negative */
    int padded;                        /* 1: negative values are padding. 0: they end lines, and there is one row */
    int ends_rows;                     /* whether a line ends with each row of a padded block */
} w2v_integers;

/* Write the ids of a block to `out`, which has room for rows * (columns + 1) entries, as w2v_tokenize does; `stats`,
 * empty lines and errors are as there. */
w2v_status w2v_tokenize_integers(const w2v_integers *block, w2v_reader *reader, int32_t *out, w2v_block_stats *stats);

#endif
