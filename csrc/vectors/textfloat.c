/* float32 <-> decimal text by scaled double arithmetic and a check; contract in textfloat.h.
 *
 * Writing: v * 10^k is rounded to an integer m of n digits, and m * 10^-k is accepted if it lies inside the interval of
 * reals that round to v. Doubles carry 29 bits more than a float32, so their own error (a few 2^-53) is far below the
 * half gap (2^-25) that decides; a candidate within 2^-20 of the end of the interval is rejected, which costs one
 * digit. Reading: the fast path of Clinger, "How to read floating point numbers accurately" (PLDI 1990): an integer
 * below 2^53 times or over a power of ten up to 10^22 is one correctly rounded operation.
 */
#include "vectors/textfloat.h"

#include <math.h>
#include <string.h>

#define MAX_DIGITS 9
#define FIRST_TRY 8 /* most float32 need 7 or 8 digits; 9 only just above a power of ten */

/* 10^-60 .. 10^60; a float32 needs 10^53 at most (9 digits of 1e-45). Entries up to 10^22 are exact. */
#define POW_MAX 60
#define P10(e) (powers_of_ten[(e) + POW_MAX])
static const double powers_of_ten[2 * POW_MAX + 1] = {
    1e-60, 1e-59, 1e-58, 1e-57, 1e-56, 1e-55, 1e-54, 1e-53, 1e-52, 1e-51, 1e-50, 1e-49, 1e-48, 1e-47, 1e-46, 1e-45,
    1e-44, 1e-43, 1e-42, 1e-41, 1e-40, 1e-39, 1e-38, 1e-37, 1e-36, 1e-35, 1e-34, 1e-33, 1e-32, 1e-31, 1e-30, 1e-29,
    1e-28, 1e-27, 1e-26, 1e-25, 1e-24, 1e-23, 1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17, 1e-16, 1e-15, 1e-14, 1e-13,
    1e-12, 1e-11, 1e-10, 1e-9,  1e-8,  1e-7,  1e-6,  1e-5,  1e-4,  1e-3,  1e-2,  1e-1,  1e0,   1e1,   1e2,   1e3,
    1e4,   1e5,   1e6,   1e7,   1e8,   1e9,   1e10,  1e11,  1e12,  1e13,  1e14,  1e15,  1e16,  1e17,  1e18,  1e19,
    1e20,  1e21,  1e22,  1e23,  1e24,  1e25,  1e26,  1e27,  1e28,  1e29,  1e30,  1e31,  1e32,  1e33,  1e34,  1e35,
    1e36,  1e37,  1e38,  1e39,  1e40,  1e41,  1e42,  1e43,  1e44,  1e45,  1e46,  1e47,  1e48,  1e49,  1e50,  1e51,
    1e52,  1e53,  1e54,  1e55,  1e56,  1e57,  1e58,  1e59,  1e60,
};

static const char digit_pairs[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
    "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/* ------------------------------------------------------------------------------------------------- writing */

/* A finite, positive float32 as digits: value = 0.d1d2d3... * 10^point, without trailing zeros. */
typedef struct {
    char digits[MAX_DIGITS + 1]; /* all are set, so that they can be copied with a constant length */
    int count;
    int point;
} decimal;

/* Slightly less than half the distance from v to its nearer neighbour: any real number this near to v rounds to v. */
static double half_gap(uint32_t bits)
{
    uint32_t exponent = bits >> 23;
    if (exponent == 0)
        exponent = 1; /* denormals have the spacing of the smallest normal numbers */
    else if ((bits & 0x7fffffu) == 0 && exponent > 1)
        exponent--;                                              /* below a power of two the spacing is half as large */
    uint64_t half_ulp = (uint64_t)(exponent - 150 + 1022) << 52; /* 2^(exponent - 151), as the bits of a double */
    double gap;
    memcpy(&gap, &half_ulp, sizeof gap);
    return gap * (1.0 - 0x1p-20);
}

/* Largest e with 10^e <= v. */
static int decimal_exponent(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    int e = (((int)(bits >> 52) - 1023) * 1233) >> 12; /* 1233 / 4096 = log10(2) to 5 digits: right or one too small */
    return v >= P10(e + 1) ? e + 1 : e;
}

/* Store the digits of m (not zero) without trailing zeros; `exponent` is that of the first digit. */
static void store_digits(uint32_t m, int exponent, int digits, decimal *out)
{
    while (m % 10 == 0) {
        m /= 10;
        digits--;
    }
    char buffer[2 * (MAX_DIGITS + 1)] = {0};
    int at = MAX_DIGITS + 1;
    while (m >= 100) {
        at -= 2;
        memcpy(buffer + at, digit_pairs + 2 * (m % 100), 2);
        m /= 100;
    }
    at -= 2;
    memcpy(buffer + at, digit_pairs + 2 * m, 2);
    at += m < 10;
    out->count = MAX_DIGITS + 1 - at;
    out->point = exponent + 1 + out->count - digits; /* rounding up to 10^digits gave one digit more */
    memcpy(out->digits, buffer + at, sizeof out->digits);
}

/* x + 0.5, truncated; 0 <= x < 2^62. rint() would be a library call on x86-64 without SSE4.1. */
static double to_integer(double x) { return (double)(int64_t)(x + 0.5); }

static void shortest(float value, uint32_t bits, decimal *out)
{
    double v = (double)value;
    double gap = half_gap(bits);
    int exponent = decimal_exponent(v);
    int digits = MAX_DIGITS;
    double best = to_integer(v * P10(digits - 1 - exponent)); /* 9 digits are always enough: 0.5e-8 < 2^-25 */
    for (int n = FIRST_TRY; n >= 1; n--) {
        int shift = n - 1 - exponent;
        double m = to_integer(v * P10(shift));
        if (!(fabs(m * P10(-shift) - v) <= gap))
            break; /* the nearest number with fewer digits is not nearer */
        best = m;
        digits = n;
    }
    store_digits((uint32_t)best, exponent, digits, out);
}

static char *put_exponent(char *out, int exponent)
{
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    memcpy(out, digit_pairs + 2 * (exponent < 0 ? -exponent : exponent), 2); /* two digits, as C and Python write */
    return out + 2;
}

static char *put_decimal(char *out, const decimal *d)
{
    if (d->point < -4 || d->point > 9) {
        *out++ = d->digits[0];
        if (d->count > 1) {
            *out++ = '.';
            memcpy(out, d->digits + 1, (size_t)d->count - 1);
            out += d->count - 1;
        }
        return put_exponent(out, d->point - 1);
    }
    if (d->point <= 0) {
        memcpy(out, "0.0000", 6);
        out += 2 - d->point;
        memcpy(out, d->digits, sizeof d->digits);
        return out + d->count;
    }
    memcpy(out, d->digits, sizeof d->digits);
    if (d->count <= d->point) {
        memset(out + d->count, '0', (size_t)(d->point - d->count));
        return out + d->point;
    }
    out[d->point] = '.';
    memcpy(out + d->point + 1, d->digits + d->point, (size_t)(d->count - d->point));
    return out + d->count + 1;
}

size_t w2v_float_write(float value, char *out)
{
    char *start = out;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (bits >> 31 && value == value)
        *out++ = '-';
    bits &= 0x7fffffffu;
    if (bits == 0) {
        *out++ = '0';
    } else if (bits >= 0x7f800000u) {
        memcpy(out, bits == 0x7f800000u ? "inf" : "nan", 3);
        out += 3;
    } else {
        decimal d;
        shortest(fabsf(value), bits, &d);
        out = put_decimal(out, &d);
    }
    return (size_t)(out - start);
}

size_t w2v_floats_write(const float *values, int64_t count, char *out)
{
    char *start = out;
    for (int64_t i = 0; i < count; i++) {
        out += w2v_float_write(values[i], out);
        *out++ = ' ';
    }
    return (size_t)(out - start);
}

/* ------------------------------------------------------------------------------------------------- reading */

static int is_digit(char c) { return (unsigned char)(c - '0') < 10; }

static int is_blank(char c) { return c == ' ' || c == '\t'; }

/* Whether [begin, end) is `name` in any case. */
static int is_name(const char *begin, const char *end, const char *name)
{
    for (; begin < end && *name; begin++, name++)
        if ((*begin | 0x20) != *name)
            return 0;
    return begin == end && !*name;
}

static w2v_float_status read_name(const char *begin, const char *end, int negative, float *value)
{
    if (is_name(begin, end, "inf") || is_name(begin, end, "infinity"))
        *value = negative ? -INFINITY : INFINITY;
    else if (is_name(begin, end, "nan"))
        *value = NAN;
    else
        return W2V_FLOAT_BAD;
    return W2V_FLOAT_NAME;
}

/* Read the digits at *at into *m, at most 19 of them; *dropped counts digits that did not fit. */
static int read_digits(const char **at, const char *end, uint64_t *m, int *significant, int *dropped)
{
    const char *p = *at;
    for (; p < end && is_digit(*p); p++) {
        if (*significant < 19) {
            *m = *m * 10 + (uint64_t)(*p - '0');
            *significant += *m != 0;
        } else {
            ++*dropped;
        }
    }
    int count = (int)(p - *at > 100000 ? 100000 : p - *at);
    *at = p;
    return count;
}

/* Read the exponent part "e-07" at *at. Returns 0 if there is an e without digits. Exponents are capped at a million.
 */
static int read_exponent(const char **at, const char *end, int *exponent)
{
    const char *p = *at;
    if (p == end || (*p | 0x20) != 'e')
        return 1;
    p++;
    int negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end || !is_digit(*p))
        return 0;
    int e = 0;
    for (; p < end && is_digit(*p); p++)
        if (e < 1000000)
            e = e * 10 + (*p - '0');
    *exponent += negative ? -e : e;
    *at = p;
    return 1;
}

/* m * 10^exponent as the float32 nearest to the double nearest to it, or HARD. */
static w2v_float_status scale(uint64_t m, int exponent, double *value)
{
    if (m == 0) {
        *value = 0.0;
        return W2V_FLOAT_OK;
    }
    if (exponent < -22 || exponent > 22)
        return W2V_FLOAT_HARD;
    double v = exponent < 0 ? (double)m / P10(-exponent) : (double)m * P10(exponent);
    *value = v;
    if (m <= (UINT64_C(1) << 53))
        return W2V_FLOAT_OK;
    /* Two roundings: v may be two units off, which matters only near the middle between two float32. */
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    uint64_t low = bits & 0x1fffffff;
    int near_middle = low > 0x10000000 - 16 && low < 0x10000000 + 16;
    return near_middle || v < 0x1p-125 || v > 0x1p126 ? W2V_FLOAT_HARD : W2V_FLOAT_OK;
}

w2v_float_status w2v_float_read(const char *begin, const char *end, float *value)
{
    const char *p = begin;
    int negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    uint64_t m = 0;
    int significant = 0, dropped = 0, dropped_after_point = 0;
    const char *start = p;
    int digits = read_digits(&p, end, &m, &significant, &dropped);
    int exponent = dropped;
    if (p < end && *p == '.') {
        p++;
        int after = read_digits(&p, end, &m, &significant, &dropped_after_point);
        exponent -= after - dropped_after_point;
        digits += after;
    }
    if (digits == 0)
        return read_name(start, end, negative, value);
    if (!read_exponent(&p, end, &exponent) || p != end)
        return W2V_FLOAT_BAD;
    if (digits >= 100000 || dropped || dropped_after_point)
        return W2V_FLOAT_HARD;
    double v;
    w2v_float_status status = scale(m, exponent, &v);
    if (status == W2V_FLOAT_OK)
        *value = (float)(negative ? -v : v);
    return status;
}

/* ------------------------------------------------------------------------------------------------- rows */

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p;
}

static const char *skip_field(const char *p, const char *end)
{
    while (p < end && !is_blank(*p))
        p++;
    return p;
}

static int64_t count_fields(const char *p, const char *end)
{
    int64_t count = 0;
    for (p = skip_blanks(p, end); p < end; p = skip_blanks(skip_field(p, end), end))
        count++;
    return count;
}

w2v_row_status w2v_row_resume(const char *end, float *out, int64_t dim, w2v_row *row)
{
    row->fields++;
    const char *p = row->field_end;
    for (; row->fields < dim; row->fields++) {
        row->field = skip_blanks(p, end);
        if (row->field == end)
            return W2V_ROW_FEW;
        row->field_end = p = skip_field(row->field, end);
        w2v_float_status status = w2v_float_read(row->field, p, out + row->fields);
        if (status != W2V_FLOAT_OK)
            return status == W2V_FLOAT_BAD ? W2V_ROW_BAD : W2V_ROW_HARD;
    }
    return W2V_ROW_OK;
}

/* Whether the next `count` fields from p are all numbers. */
static int all_numbers(const char *p, const char *end, int64_t count)
{
    float ignored;
    for (; count > 0; count--) {
        const char *field = skip_blanks(p, end);
        p = skip_field(field, end);
        if (w2v_float_read(field, p, &ignored) == W2V_FLOAT_BAD)
            return 0;
    }
    return 1;
}

/* The end of the field before the last `dim` of the `dim + extra` fields from p; extra >= 0. */
static const char *skip_fields(const char *p, const char *end, int64_t extra)
{
    for (; extra > 0; extra--)
        p = skip_field(skip_blanks(p, end), end);
    return p;
}

static int has_tab(const char *p, const char *end) { return p < end && memchr(p, '\t', (size_t)(end - p)) != NULL; }

/* Whether the word [word, word_end) has no tab and one follows it: it then ends there, even if it ends in a number. */
static int ends_at_tab(const char *word, const char *word_end, const char *end)
{
    return !has_tab(word, word_end) && has_tab(word_end, skip_blanks(word_end, end));
}

static w2v_row_status read_after(const char *word, const char *word_end, const char *end, float *out, int64_t dim,
                                 w2v_row *row)
{
    row->word = word;
    row->word_end = row->field_end = word_end;
    row->fields = -1; /* resume counts the word as the field before the first number */
    return w2v_row_resume(end, out, dim, row);
}

static const char *skip_blanks_back(const char *begin, const char *end)
{
    while (end > begin && is_blank(end[-1]))
        end--;
    return end;
}

w2v_row_status w2v_row_read_right(const char *begin, const char *end, float *out, int64_t dim, w2v_row *row)
{
    end = skip_blanks_back(begin, end);
    const char *word = skip_blanks(begin, end);
    return read_after(word, skip_fields(word, end, count_fields(word, end) - dim), end, out, dim, row);
}

w2v_row_status w2v_row_read(const char *begin, const char *end, float *out, int64_t dim, w2v_row *row)
{
    end = skip_blanks_back(begin, end);
    const char *word = skip_blanks(begin, end);
    if (word > begin && count_fields(word, end) == dim && all_numbers(word, end, 1))
        return read_after(begin, word - 1, end, out, dim, row); /* no word, or one of blanks */
    w2v_row_status status = read_after(word, skip_field(word, end), end, out, dim, row);
    if (status == W2V_ROW_FEW || (status == W2V_ROW_OK && row->field_end == end))
        return status;
    int64_t extra = count_fields(row->word_end, end) - dim;
    if (extra <= 0)
        return status;
    if (all_numbers(row->word_end, end, extra) && !ends_at_tab(word, skip_fields(row->word_end, end, extra), end)) {
        row->fields = extra + dim;
        return W2V_ROW_MANY;
    }
    return w2v_row_read_right(begin, end, out, dim, row);
}

/* ------------------------------------------------------------------------------------------------- finite numbers */

int w2v_floats_finite(const float *values, int64_t count)
{
    uint32_t found = 0; /* bit 31: an exponent of all ones, to which adding one unit carries into the sign */
    for (int64_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        found |= (bits & 0x7fffffffu) + 0x00800000u;
    }
    return !(found >> 31);
}
