/* float32 <-> decimal text, and one row `word v1 ... vD` of a text vector file.
 *
 * Place in the data flow: vector files <-> memory; bound by w2v/formats/_formats.pyx. The tokenizer reads
 * weights of lines with it.
 * No function uses the locale, allocates, has state or writes outside the given buffers, so all of them are thread
 * safe.
 */
#ifndef W2V_TEXTFLOAT_H
#define W2V_TEXTFLOAT_H

#include <stddef.h>
#include <stdint.h>

/* No number written by w2v_float_write is longer than this. */
#define W2V_FLOAT_CHARS 20

typedef enum {
    W2V_FLOAT_OK = 0,
    W2V_FLOAT_BAD = 1,  /* the text is not a number */
    W2V_FLOAT_HARD = 2, /* a number that doubles cannot round correctly: the caller must convert it exactly */
    W2V_FLOAT_NAME = 3, /* inf, infinity or nan; any other result that is not finite is HARD */
} w2v_float_status;

typedef enum {
    W2V_ROW_OK = 0,
    W2V_ROW_FEW = 1, /* fewer than dim fields after the word; their number is in *fields */
    W2V_ROW_MANY =
        2,           /* more than dim numbers after the first field; their number is in *fields. Either dim is wrong, or
                         the word has blanks and ends in numbers: w2v_row_read_right reads it so */
    W2V_ROW_BAD = 3, /* the field at *field is not a number */
    W2V_ROW_HARD = 4, /* the field at *field must be converted by the caller; continue with w2v_row_resume. Only such
                         fields may not be finite */
} w2v_row_status;

/* Where a row was split and where reading stopped. The pointers point into the given row. */
typedef struct {
    const char *word;      /* first byte of the word */
    const char *word_end;  /* one past its last byte */
    const char *field;     /* the field that failed, or the first field that has not been read */
    const char *field_end; /* one past that field */
    int64_t fields;        /* numbers read so far; for FEW and MANY the numbers in the row */
} w2v_row;

/* Write `value` with the fewest significant digits (at most 9) that read back to the same float32, whether the reader
 * uses double or not; in about one case in a million with one digit more than needed. Plain notation from 1e-5 up
 * to 1e9, otherwise `d.ddde-07`; "inf", "-inf" and "nan" as accepted by Python's float(). Writes at most
 * W2V_FLOAT_CHARS bytes to `out`, no terminator; returns the number of bytes. */
size_t w2v_float_write(float value, char *out);

/* Write `count` floats, each followed by a blank; `out` holds count * (W2V_FLOAT_CHARS + 1) bytes.
 * Returns the number of bytes; 0 for count == 0. */
size_t w2v_floats_write(const float *values, int64_t count, char *out);

/* Read the whole of [begin, end) as a decimal number into *value: sign, digits, point, exponent, inf, infinity, nan.
 * The result is a correctly rounded double rounded to float32, as with strtod and in Python.
 * *value is written only if the status is OK or NAME. An empty range is BAD. */
w2v_float_status w2v_float_read(const char *begin, const char *end, float *value);

/* Split the row [begin, end), which contains no line end, into a word and `dim` numbers, and read these into
 * out[0..dim). Fields are separated by blanks and tabs; trailing ones are skipped, leading ones too, unless exactly dim
 * numbers follow: they are then the word and one separator, and the word may be empty. A row with more than dim fields
 * after the first one has a word that contains blanks and is split from the right, unless all excess fields are numbers
 * and no tab ends the word (MANY). dim >= 1; out must not overlap the row. On HARD or BAD out[0 .. fields) are written.
 */
w2v_row_status w2v_row_read(const char *begin, const char *end, float *out, int64_t dim, w2v_row *row);

/* Read a row for which w2v_row_read returned MANY: the last dim fields are the numbers. */
w2v_row_status w2v_row_read_right(const char *begin, const char *end, float *out, int64_t dim, w2v_row *row);

/* Continue after HARD: the caller has written number row->fields to `out`; the rest of the row is read.
 * `end` and `dim` as given to w2v_row_read. */
w2v_row_status w2v_row_resume(const char *end, float *out, int64_t dim, w2v_row *row);

/* Whether none of `count` numbers is infinite or NaN. True for count == 0. */
int w2v_floats_finite(const float *values, int64_t count);

#endif
