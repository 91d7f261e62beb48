/* Integers used as words, written as text for the tokenizer.
 *
 * Place in the data flow: arrays of item numbers -> blocks of text (w2v/corpus/integers.py). Allocates nothing
 * and has no state.
 */
#ifndef W2V_DECIMAL_H
#define W2V_DECIMAL_H

#include <stdint.h>

/* Largest number of bytes of one value and its separator. */
#define W2V_INTEGER_CHARS 21

/* Write each value of 0 or more as decimal digits and a separator, each negative value as a line end. `out` has room
 * for n * W2V_INTEGER_CHARS bytes and does not overlap the values. Returns the number of bytes written. */
int64_t w2v_write_integers(const int64_t *values, int64_t n, uint8_t separator, uint8_t line_end, uint8_t *out);

#endif
