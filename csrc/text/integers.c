/* Integers are widened to int64 a buffer at a time, and looked up in batches whose entries are prefetched. */
#include "text/integers.h"

#include <stdlib.h>

#include "text/pages.h"

enum { BUFFER = 1024, DIGITS = 20 };

typedef _Atomic int32_t small_id; /* id + 1, 0 for a number without a word */

typedef struct writer {
    small_id *small;
    w2v_reader *reader;
    int32_t *out;
    int64_t n_ids, line_start;
    w2v_block_stats *stats;
} writer;

/* The ids of small numbers, NULL if there is no memory. Pages take memory with their first number. */
static small_id *small_ids(w2v_wordtable *table)
{
    small_id *ids = atomic_load_explicit(&table->small_integers, memory_order_acquire), *none = NULL;
    if (ids != NULL)
        return ids;
    small_id *fresh = w2v_pages_new(W2V_SMALL_INTEGERS * sizeof *fresh);
    if (fresh == NULL || atomic_compare_exchange_strong(&table->small_integers, &none, fresh))
        return fresh;
    w2v_pages_free((void *)fresh, W2V_SMALL_INTEGERS * sizeof *fresh);
    return none;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

#define WIDEN(type)                                      \
    for (int64_t i = 0; i < n; i++) {                    \
        type value;                                      \
        memcpy(&value, from + i * stride, sizeof value); \
        out[i] = (int64_t)value;                         \
    }                                                    \
    return

/* The constant stride of values in a row lets the compiler use vector instructions. */
#define WIDEN_DENSE(type)         \
    if (stride == sizeof(type)) { \
        stride = sizeof(type);    \
        WIDEN(type);              \
    }                             \
    WIDEN(type)

static void widen(const w2v_integers *block, const uint8_t *from, int64_t stride, int64_t n, int64_t *out)
{
    switch (2 * block->size + (block->is_signed != 0)) {
    case 2: WIDEN_DENSE(uint8_t);
    case 3: WIDEN_DENSE(int8_t);
    case 4: WIDEN_DENSE(uint16_t);
    case 5: WIDEN_DENSE(int16_t);
    case 8: WIDEN_DENSE(uint32_t);
    case 9: WIDEN_DENSE(int32_t);
    default: WIDEN_DENSE(int64_t);
    }
}

/* --- looking up --------------------------------------------------------------------------------------------------- */

/* The decimal digits of a number, at digits + DIGITS - length; returns the length. */
static int write_digits(uint64_t number, uint8_t *digits)
{
    int first = DIGITS;
    do {
        digits[--first] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return DIGITS - first;
}

/* A number as a word. */
typedef struct numeral {
    uint8_t digits[DIGITS];
    int length;
    w2v_word_key key;
    uint64_t hash;
} numeral;

static const uint8_t *word_of(const numeral *number) { return number->digits + DIGITS - number->length; }

static void write_word(const w2v_wordtable *table, int64_t value, numeral *number)
{
    number->length = write_digits((uint64_t)value, number->digits);
    number->key = w2v_make_key(word_of(number), number->length, number->length);
    number->hash = w2v_hash_key(number->key);
    w2v_home home = w2v_home_of(table, number->hash, memory_order_relaxed);
    w2v_prefetch_read(&home.slots[home.at]);
}

static w2v_status find_word(w2v_wordtable *table, const numeral *number, int32_t *id)
{
    int found;
    w2v_slot *slot = w2v_find_from(w2v_home_of(table, number->hash, memory_order_acquire), number->key, word_of(number),
                                   number->length, &found);
    if (!found) {
        w2v_status status =
            w2v_wordtable_insert(table, number->key, number->hash, word_of(number), number->length, &slot);
        if (status != W2V_OK)
            return status;
    }
    *id = slot->id;
    return W2V_OK;
}

static w2v_status look_up(writer *to, const int64_t *values, int n)
{
    numeral numbers[W2V_BATCH];
    int32_t ids[W2V_BATCH]; /* -1: to be found by its digits */
    w2v_reader *reader = to->reader;
    int64_t n_ids = to->n_ids;
    w2v_reader_pause(reader);
    w2v_fetch_late(reader);
    for (int i = 0; i < n; i++)
        if ((uint64_t)values[i] < W2V_SMALL_INTEGERS)
            w2v_prefetch_read((const void *)&to->small[values[i]]);
    w2v_count_late(reader);
    for (int i = 0; i < n; i++) {
        ids[i] = -1;
        if ((uint64_t)values[i] < W2V_SMALL_INTEGERS)
            ids[i] = atomic_load_explicit(&to->small[values[i]], memory_order_acquire) - 1;
        if (ids[i] < 0 && values[i] >= 0)
            write_word(reader->table, values[i], &numbers[i]);
    }
    for (int i = 0; i < n; i++) {
        if (values[i] < 0) {
            w2v_end_line(to->stats, to->out, &n_ids, &to->line_start);
            continue;
        }
        if (ids[i] < 0) {
            w2v_status status = find_word(reader->table, &numbers[i], &ids[i]);
            if (status != W2V_OK)
                return status;
            if (values[i] < W2V_SMALL_INTEGERS)
                atomic_store_explicit(&to->small[values[i]], ids[i] + 1, memory_order_release);
        }
        to->out[n_ids++] = ids[i];
        w2v_count(reader, ids[i]);
    }
    to->n_ids = n_ids;
    return W2V_OK;
}

static w2v_status look_up_all(writer *to, const int64_t *values, int64_t n)
{
    w2v_status status = W2V_OK;
    for (int64_t first = 0; first < n && status == W2V_OK; first += W2V_BATCH)
        status = look_up(to, values + first, n - first < W2V_BATCH ? (int)(n - first) : W2V_BATCH);
    return status;
}

/* --- blocks ------------------------------------------------------------------------------------------------------- */

/* Remove padding; returns the number of values that are left. */
static int64_t without_padding(int64_t *values, int64_t n)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
        values[kept] = values[i];
        kept += values[i] >= 0;
    }
    return kept;
}

/* The rows one after the other, a line end after each of a padded block that has them. Rows are collected, since a short
 * row would make a batch of few values. */
static w2v_status tokenize(const w2v_integers *block, writer *to)
{
    int64_t values[BUFFER], used = 0;
    for (int64_t row = 0; row < block->rows; row++) {
        const uint8_t *at = block->values + row * block->row_stride;
        for (int64_t first = 0, n; first < block->columns || first == 0; first += n) {
            n = block->columns - first < BUFFER - 1 ? block->columns - first : BUFFER - 1;
            if (used + n + 1 > BUFFER) {
                w2v_status status = look_up_all(to, values, used);
                if (status != W2V_OK)
                    return status;
                used = 0;
            }
            widen(block, at + first * block->column_stride, block->column_stride, n, values + used);
            used += block->padded ? without_padding(values + used, n) : n;
            if (n == 0)
                break;
        }
        if (block->padded && block->ends_rows)
            values[used++] = -1;
    }
    return look_up_all(to, values, used);
}

w2v_status w2v_tokenize_integers(const w2v_integers *block, w2v_reader *reader, int32_t *out, w2v_block_stats *stats)
{
    writer to = {small_ids(reader->table), reader, out, 0, 0, stats};
    memset(stats, 0, sizeof *stats);
    if (to.small == NULL)
        return W2V_NO_MEMORY;
    w2v_reader_begin(reader);
    w2v_status status = tokenize(block, &to);
    w2v_count_late(reader);
    w2v_reader_end(reader);
    stats->n_ids = to.n_ids;
    stats->words = to.n_ids - stats->line_ends;
    stats->tail_words = to.n_ids - to.line_start;
    return status;
}
