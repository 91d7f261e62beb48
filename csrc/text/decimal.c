/* Integers to decimal text, two digits at a time, starting with the last ones. */
#include "text/decimal.h"

#include <string.h>

static const char pairs[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
    "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

int64_t w2v_write_integers(const int64_t *values, int64_t n, uint8_t separator, uint8_t line_end, uint8_t *out)
{
    uint8_t *at = out;
    for (int64_t i = 0; i < n; i++) {
        if (values[i] < 0) {
            *at++ = line_end;
            continue;
        }
        uint64_t rest = (uint64_t)values[i];
        uint8_t digits[W2V_INTEGER_CHARS], *first = digits + sizeof digits;
        *--first = separator;
        for (; rest >= 100; rest /= 100) {
            first -= 2;
            memcpy(first, pairs + 2 * (rest % 100), 2);
        }
        first -= 2;
        memcpy(first, pairs + 2 * rest, 2);
        first += rest < 10;
        size_t length = (size_t)(digits + sizeof digits - first);
        memcpy(at, first, length);
        at += length;
    }
    return at - out;
}
