/* Integers that stand for words, as the text that the tokenizer reads.
 *
 * Place in the data flow: arrays of item numbers -> blocks of text (w2v/corpus/integers.py). Allocates nothing, keeps no state.
 */
#ifndef W2V_DECIMAL_H
#define W2V_DECIMAL_H

#include <stdint.h>

/* Bytes that one value may take, with what follows it. */
#define W2V_INTEGER_CHARS 21

/* Each value of 0 or more in decimal digits and a separator after it, each negative one as a line end. `out` has room for
 * n * W2V_INTEGER_CHARS bytes and does not overlap the values; returns how many were written. */
int64_t w2v_write_integers(const int64_t *values, int64_t n, uint8_t separator, uint8_t line_end, uint8_t *out);

#endif
