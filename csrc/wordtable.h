/* Words to ids and exact counts: an open-addressing hash table, the first half of tokenizing.
 *
 * Ids count from 0 in order of first appearance. A slot is half a cache line: the whole word if it is up to 15 bytes
 * long, its count and its id, so that the usual look-up touches one line and compares two integers. The bytes of all
 * words also stand one after the other, in id order, in `arena`.
 *
 * Contract: a table belongs to one thread at a time; nothing here locks. Words are any bytes, length >= 1. Pointers
 * that are passed in are read during the call only and must not point into the same table. On a status other than
 * W2V_OK the table still holds all earlier words and must still be freed.
 */
#ifndef W2V_WORDTABLE_H
#define W2V_WORDTABLE_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#endif

typedef enum w2v_status {
    W2V_OK = 0,
    W2V_NO_MEMORY = 1,
    W2V_TOO_MANY_WORDS = 2 /* ids are int32: at most 2^31 - 2 distinct words */
} w2v_status;

/* Up to 15 bytes: the bytes, zero padded, and the length in the last byte, so no two words share a key. Longer: a hash
 * and the length with the last byte 0xFF; equal keys are then settled by comparing bytes. `high` is never 0. */
typedef struct w2v_word_key {
    uint64_t low, high;
} w2v_word_key;

typedef struct w2v_slot {
    uint64_t low, high; /* high == 0: empty */
    int64_t count;
    int32_t id;
    uint32_t unused;
} w2v_slot;

typedef struct w2v_wordtable {
    w2v_slot *slots; /* 64-byte aligned, inside `slots_memory` */
    void *slots_memory;
    int shift;          /* 64 - log2(number of slots): the home of a hash is hash >> shift */
    uint64_t mask;      /* number of slots - 1 */
    int64_t n_words;
    uint8_t *arena;     /* offsets[n_words] bytes in use */
    int64_t arena_capacity;
    int64_t *offsets;   /* word id is arena[offsets[id]] .. arena[offsets[id + 1]]; n_words + 1 in use */
    int64_t offsets_capacity;
} w2v_wordtable;

#define W2V_KEY_INLINE 15
#define W2V_KEY_LONG ((uint64_t)0xFF << 56)

static inline void w2v_prefetch(const void *address) {
#if defined(__SSE2__) || defined(_M_X64)
    _mm_prefetch((const char *)address, _MM_HINT_T0);
#elif defined(__GNUC__)
    __builtin_prefetch(address);
#else
    (void)address;
#endif
}

static inline uint64_t w2v_load64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

w2v_word_key w2v_long_key(const uint8_t *word, int64_t length);

/* `readable` >= length: number of bytes from `word` on that may be read; 16 or more avoids a copy. */
static inline w2v_word_key w2v_make_key(const uint8_t *word, int64_t length, int64_t readable) {
    static const uint64_t keep_low[16] = {
        0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFF, 0xFFFFFFFFFFFF, 0xFFFFFFFFFFFFFF,
        ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull};
    static const uint64_t keep_high[16] = {
        0, 0, 0, 0, 0, 0, 0, 0,
        0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFF, 0xFFFFFFFFFFFF, 0xFFFFFFFFFFFFFF};
    w2v_word_key key;
    if (length > W2V_KEY_INLINE)
        return w2v_long_key(word, length);
    if (readable >= 16) {
        key.low = w2v_load64(word) & keep_low[length];
        key.high = w2v_load64(word + 8) & keep_high[length];
    } else {
        uint8_t padded[16] = {0};
        memcpy(padded, word, (size_t)length);
        key.low = w2v_load64(padded);
        key.high = w2v_load64(padded + 8);
    }
    key.high |= (uint64_t)length << 56;
    return key;
}

/* The top bits choose the slot, so the last step must be a multiplication. */
static inline uint64_t w2v_hash_key(w2v_word_key key) {
    uint64_t b = key.high * 0xC2B2AE3D27D4EB4Full;
    uint64_t h = key.low * 0x9E3779B97F4A7C15ull ^ (b << 31 | b >> 33);
    h ^= h >> 32;
    return h * 0xD6E8FEB86659FD93ull;
}

w2v_status w2v_wordtable_init(w2v_wordtable *table);
void w2v_wordtable_free(w2v_wordtable *table); /* also after a failed init; twice is harmless */

/* Forget all words and counts but keep the memory. */
void w2v_wordtable_clear(w2v_wordtable *table);

/* Make room for `extra` new words (not for their bytes), so that the slots do not move while they are inserted. */
w2v_status w2v_wordtable_reserve(w2v_wordtable *table, int64_t extra);

/* Insert a word that is not in the table, into the empty slot where the search for it ended, with count 0. The caller
 * has reserved room. */
w2v_status w2v_wordtable_insert(w2v_wordtable *table, w2v_slot *slot, w2v_word_key key, const uint8_t *word,
                                int64_t length);

/* Find or insert a word and add `count` to its count. */
w2v_status w2v_wordtable_add(w2v_wordtable *table, const uint8_t *word, int64_t length, int64_t count, int32_t *id);

/* The words of `from` with ids first .. n_words - 1 become known to `into`, counts unchanged; map[id] becomes the id
 * there. */
w2v_status w2v_wordtable_merge_words(w2v_wordtable *into, const w2v_wordtable *from, int64_t first, int32_t *map);

/* Add all counts of `from` to `into` and set them to 0. */
w2v_status w2v_wordtable_merge_counts(w2v_wordtable *into, w2v_wordtable *from);

/* counts[id] for every id. */
void w2v_wordtable_counts(const w2v_wordtable *table, int64_t *counts);

/* Ids of the words with counts[id] >= min_count by falling count, then by bytes (unsigned), at most max_words of them,
 * into `order` (room for n_words); *n_selected of them. `counts` as from w2v_wordtable_counts. */
w2v_status w2v_wordtable_select(const w2v_wordtable *table, const int64_t *counts, int64_t min_count,
                                int64_t max_words, int32_t *order, int64_t *n_selected);

/* Bytes of the words order[0 .. n) one after the other into `blob`, and where each begins into offsets[0 .. n]. With
 * blob == NULL only the offsets are written: offsets[n] is the size that blob needs. */
void w2v_wordtable_export(const w2v_wordtable *table, const int32_t *order, int64_t n, uint8_t *blob, int64_t *offsets);

/* Occurrences of words that are not valid UTF-8, and how many bytes in them belong to no valid character. */
void w2v_wordtable_invalid_utf8(const w2v_wordtable *table, const int64_t *counts, int64_t *words, int64_t *bytes);

static inline int w2v_slot_holds(const w2v_wordtable *table, const w2v_slot *slot, w2v_word_key key,
                                 const uint8_t *word, int64_t length) {
    if (slot->low != key.low || slot->high != key.high)
        return 0;
    return key.high < W2V_KEY_LONG || memcmp(table->arena + table->offsets[slot->id], word, (size_t)length) == 0;
}

/* The slot of the word, or the empty one where it would go. Ends because the table is never full. */
static inline w2v_slot *w2v_wordtable_find(const w2v_wordtable *table, w2v_word_key key, uint64_t hash,
                                           const uint8_t *word, int64_t length) {
    uint64_t at = hash >> table->shift;
    while (table->slots[at].high != 0 && !w2v_slot_holds(table, &table->slots[at], key, word, length))
        at = (at + 1) & table->mask;
    return &table->slots[at];
}

#endif
