/* float32 <-> decimal text, and one row `word v1 ... vD` of a text vector file.
 *
 * Place in the data flow: vector files <-> memory; bound by w2v/formats/_formats.pyx; weights of lines in tokenizer.c.
 * Nothing here looks at the locale, allocates, keeps state or writes outside the given buffers, so every function is
 * thread safe.
 */
#ifndef W2V_TEXTFLOAT_H
#define W2V_TEXTFLOAT_H

#include <stddef.h>
#include <stdint.h>

/* No number written by w2v_float_write is longer than this. */
#define W2V_FLOAT_CHARS 20

typedef enum {
    W2V_FLOAT_OK = 0,
    W2V_FLOAT_BAD = 1,  /* the text is no number */
    W2V_FLOAT_HARD = 2, /* a number, but doubles cannot settle its rounding: the caller converts it exactly */
} w2v_float_status;

typedef enum {
    W2V_ROW_OK = 0,
    W2V_ROW_FEW = 1,  /* fewer than dim fields after the word; *fields says how many */
    W2V_ROW_MANY = 2, /* more than dim numbers after the first field; *fields says how many */
    W2V_ROW_BAD = 3,  /* the field at *field is no number */
    W2V_ROW_HARD = 4, /* the field at *field has to be converted by the caller; go on with w2v_row_numbers */
} w2v_row_status;

/* Where a row was cut, and where it failed. The pointers point into the row that was given. */
typedef struct {
    const char *word;       /* first byte of the word */
    const char *word_end;   /* one past its last byte */
    const char *field;      /* field that failed, or the first field that is not read yet */
    const char *field_end;  /* one past that field */
    int64_t fields;         /* numbers read so far; for FEW and MANY: numbers in the row */
} w2v_row;

/* Write `value` with the fewest significant digits (at most 9) that read back to the same float32, whether the reader
 * goes through double or not; in about one case in a million one digit more than needed. Plain notation from 1e-5 up
 * to 1e9, otherwise `d.ddde-07`; "inf", "-inf" and "nan" as Python's float() takes them. Writes at most
 * W2V_FLOAT_CHARS bytes to `out`, no terminator; returns the number of bytes. */
size_t w2v_float_write(float value, char *out);

/* Write `count` floats, each with one blank after it; `out` holds count * (W2V_FLOAT_CHARS + 1) bytes.
 * Returns the number of bytes; 0 for count == 0. */
size_t w2v_floats_write(const float *values, int64_t count, char *out);

/* Read the whole of [begin, end) as a decimal number into *value: sign, digits, point, exponent, inf, infinity, nan.
 * The result is that of a correctly rounded double rounded once more to float32 (what strtod and Python give).
 * *value is written only if the status is OK. An empty range is BAD. */
w2v_float_status w2v_float_read(const char *begin, const char *end, float *value);

/* Cut the row [begin, end) (no line end in it) into a word and `dim` numbers, and read the numbers into out[0..dim).
 * Blanks and tabs separate; those at the end are skipped. A row with more than dim fields after the first one has a
 * word with blanks in it and is cut from the right, unless all fields in excess are numbers themselves (MANY).
 * dim >= 1; out must not overlap the row. On HARD or BAD out[0 .. fields) are written. */
w2v_row_status w2v_row_read(const char *begin, const char *end, float *out, int64_t dim, w2v_row *row);

/* Go on after HARD: the caller has put number row->fields into `out` itself; reads the rest of the row.
 * `end` and `dim` as given to w2v_row_read. */
w2v_row_status w2v_row_resume(const char *end, float *out, int64_t dim, w2v_row *row);

#endif
