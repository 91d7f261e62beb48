/* Words to ids and exact counts: one hash table that all threads fill together.
 *
 * Ids count from 0 in order of insertion. The table is split by hash into parts, each an open-addressing table. A
 * look-up takes no lock, so threads share all known words; only the insertion of a new word locks its part. A slot is
 * half a cache line: the id and, up to 15 bytes, the whole word, so the usual look-up touches one line and compares two
 * integers. Slots are written once.
 *
 * Counts are stored by id. Each thread counts the first words, which are nearly all tokens and common to all threads,
 * in its own array. The others are counted in the table, one batch of words later, when their cache lines have been
 * fetched.
 *
 * Contract: each thread has its own w2v_reader. Functions for a table at rest must not run while a reader looks up or
 * inserts. Words are any bytes, length >= 1, read during the call only. After a status other than W2V_OK the table
 * still holds all earlier words and must still be freed. */
#ifndef W2V_WORDTABLE_H
#define W2V_WORDTABLE_H

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "base.h"

typedef enum w2v_status {
    W2V_OK = 0,
    W2V_NO_MEMORY = 1,
    W2V_TOO_MANY_WORDS = 2, /* ids are int32: at most 2^31 - 2 distinct words */
    W2V_BAD_WEIGHT = 3      /* of the tokenizer: a line does not begin with a number */
} w2v_status;

/* Up to 15 bytes: the bytes, zero padded, and the length in the last byte, so keys are unique. Longer words: low is 0
 * and high is a hash with 0xFF as the last byte; equal keys are then settled by comparing bytes. `high` is never 0. */
typedef struct w2v_word_key {
    uint64_t low, high;
} w2v_word_key;

typedef struct w2v_long_word {
    int64_t length;
    uint8_t bytes[];
} w2v_long_word;

typedef struct w2v_slot {
    uint64_t low;          /* of the key; for a long word the address of its w2v_long_word */
    _Atomic uint64_t high; /* 0: empty; written last, so a thread that sees it sees the other fields too */
    int32_t id;
    uint32_t unused[3];
} w2v_slot;

enum {
    W2V_LOG2_PARTS = 6,
    W2V_PARTS = 1 << W2V_LOG2_PARTS,
    W2V_LOG2_SEGMENT = 16, /* counts of a segment */
    W2V_SEGMENTS = 1 << (31 - W2V_LOG2_SEGMENT),
    W2V_OWN_COUNTS = 1 << 16,
    W2V_SMALL_INTEGERS = 1 << 24, /* 64 MiB, of which only the pages of numbers that occur take memory */
    W2V_BATCH = 32                /* words looked up together */
};

typedef _Atomic int64_t w2v_shared_count;

typedef struct w2v_part {
    _Alignas(
        64) _Atomic uintptr_t slots; /* address, 64-byte aligned, with log2 of the number of slots in the low bits */
    _Atomic int lock;
    int64_t n_words;
    struct w2v_chunk *chunks;    /* the long words */
    struct w2v_retired *retired; /* outgrown slots that may still be read */
} w2v_part;

typedef struct w2v_wordtable {
    w2v_part *parts; /* [W2V_PARTS] */
    _Atomic int64_t n_words;
    _Atomic int64_t n_retired;
    _Atomic uint64_t epoch;                    /* incremented with each growth of a part */
    _Atomic(w2v_shared_count *) *counts;       /* segments by id >> W2V_LOG2_SEGMENT, without the readers' own counts */
    _Atomic(_Atomic int32_t *) small_integers; /* [W2V_SMALL_INTEGERS], see integers.c; NULL before the first number */
    _Atomic int readers_lock;
    struct w2v_reader *readers;
    int closed;     /* see w2v_wordtable_close */
    w2v_slot other; /* of a closed table: the entry of every word that it does not have; its id is 0 */
} w2v_wordtable;

/* The access of one thread. */
typedef struct w2v_reader {
    _Alignas(64) _Atomic uint64_t seen; /* the latest epoch whose slots it may hold; 0: it holds none */
    w2v_wordtable *table;
    struct w2v_reader *next;
    uint32_t *counts; /* [W2V_OWN_COUNTS + 1], by id; overflow goes to the table; the last entry is a dummy */
    int n_late;
    int32_t late[W2V_BATCH + 1]; /* ids whose counts in the table must be incremented */
} w2v_reader;

#define W2V_KEY_INLINE 15
#define W2V_KEY_LONG ((uint64_t)0xFF << 56)

static inline uint64_t w2v_load64(const uint8_t *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

w2v_word_key w2v_long_key(const uint8_t *word, int64_t length);

/* `readable` >= length: number of bytes that may be read at `word`; 16 or more avoids a copy. */
static inline w2v_word_key w2v_make_key(const uint8_t *word, int64_t length, int64_t readable)
{
    static const uint64_t keep_low[16] = {
        0,     0xFF,  0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFF, 0xFFFFFFFFFFFF, 0xFFFFFFFFFFFFFF,
        ~0ull, ~0ull, ~0ull,  ~0ull,    ~0ull,      ~0ull,        ~0ull,          ~0ull};
    static const uint64_t keep_high[16] = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFF, 0xFFFFFFFFFFFF, 0xFFFFFFFFFFFFFF};
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

/* The top bits choose part and slot, so the last operation must be a multiplication. */
static inline uint64_t w2v_hash_key(w2v_word_key key)
{
    uint64_t b = key.high * 0xC2B2AE3D27D4EB4Full;
    uint64_t h = key.low * 0x9E3779B97F4A7C15ull ^ (b << 31 | b >> 33);
    h ^= h >> 32;
    return h * 0xD6E8FEB86659FD93ull;
}

w2v_status w2v_wordtable_init(w2v_wordtable *table);
void w2v_wordtable_free(w2v_wordtable *table); /* at rest, without readers; harmless after a failed init and twice */

w2v_reader *w2v_reader_new(w2v_wordtable *table); /* NULL if there is no memory */
void w2v_reader_free(w2v_reader *reader);         /* before its table, which keeps its counts */

/* A reader looks up and inserts only between begin and end, and calls `pause` often in between. Slots found before a
 * pause must not be used after it, so that outgrown slots can be freed. */
void w2v_reader_begin(w2v_reader *reader);
void w2v_reader_end(w2v_reader *reader);

static inline void w2v_reader_pause(w2v_reader *reader)
{
    uint64_t epoch = atomic_load_explicit(&reader->table->epoch, memory_order_acquire);
    atomic_store_explicit(&reader->seen, epoch, memory_order_release);
}

/* Insert the word with count 0, or find it if another thread has inserted it meanwhile. In a closed table: the slot of
 * all other words. */
w2v_status w2v_wordtable_insert(w2v_wordtable *table, w2v_word_key key, uint64_t hash, const uint8_t *word,
                                int64_t length, w2v_slot **slot);

/* Find or insert a word and add `count` to its count; always takes the lock. */
w2v_status w2v_wordtable_add(w2v_wordtable *table, const uint8_t *word, int64_t length, int64_t count, int32_t *id);

/* Before the first insertion: keep id 0 for the words that the table will not have, once it is closed. */
w2v_status w2v_wordtable_reserve(w2v_wordtable *table);

/* At rest, after w2v_wordtable_reserve and all insertions: no word is inserted any more, and each new one gets id 0. */
void w2v_wordtable_close(w2v_wordtable *table);

/* --- for a table at rest; `counts` has an entry for each id ------------------------------------------------------- */

/* counts[id] for every id, including the readers' own counts. */
void w2v_wordtable_counts(const w2v_wordtable *table, int64_t *counts);

/* Numbers of occurrences of words that often show a text that is not prepared for training, and the length of the
 * longest word. White space of Unicode includes the zero-width space and the byte order mark. Scripts without blanks
 * are the Chinese, Japanese and South-East Asian ones. */
typedef struct w2v_oddities {
    int64_t invalid_words, invalid_bytes; /* not valid UTF-8, and the bytes in them that belong to no character */
    int64_t longest_word;
    int64_t punctuated;               /* end in punctuation, but are not only punctuation */
    int64_t markup, wiki;             /* with a part of a tag or an entity; with [[ ]] {{ }} or three apostrophes */
    int64_t unspaced, unspaced_chars; /* with characters of scripts without blanks, and these characters */
    int64_t unicode_spaces;           /* with white space beyond ASCII */
    int64_t blanks;                   /* with ASCII white space; only tokens of an iterable */
    int64_t capitalized;              /* begin with A to Z, occur often, and are other words in lower case */
} w2v_oddities;

w2v_oddities w2v_wordtable_oddities(const w2v_wordtable *table, const int64_t *counts);

/* The id of a word, or -1 if it is not in the table. */
int32_t w2v_wordtable_find(const w2v_wordtable *table, const uint8_t *word, int64_t length);

/* An entry of the list that w2v_wordtable_select makes. */
typedef struct w2v_listed_word {
    int64_t count;
    uint64_t first; /* the first 8 bytes, as a number with the same order */
    const w2v_slot *slot;
    int32_t id;
} w2v_listed_word;

/* The words with counts[id] >= min_count by falling count, then by unsigned bytes, at most max_words: *n entries in
 * *list, which the caller frees and which must not outlive the table. *n_bytes is their total length. */
w2v_status w2v_wordtable_select(const w2v_wordtable *table, const int64_t *counts, int64_t min_count, int64_t max_words,
                                w2v_listed_word **list, int64_t *n, int64_t *n_bytes);

/* Export the first n words of a list: their bytes, concatenated, to `blob`, where each begins to offsets[0 .. n], their
 * counts, and final[id + 1] = position in the list. */
void w2v_wordtable_export(const w2v_listed_word *list, int64_t n, uint8_t *blob, int64_t *offsets, int64_t *counts,
                          int32_t *final);

/* --- looking up --------------------------------------------------------------------------------------------------- */

/* Where the search for a hash begins: slots, first position, and number of slots - 1. */
typedef struct w2v_home {
    w2v_slot *slots;
    uint64_t at, mask;
} w2v_home;

static inline w2v_slot *w2v_slots_in(uintptr_t slots) { return (w2v_slot *)(slots & ~(uintptr_t)63); }

static inline uintptr_t w2v_slots_of(const w2v_part *part)
{
    return atomic_load_explicit(&part->slots, memory_order_relaxed);
}

static inline w2v_home w2v_home_in(uintptr_t slots, uint64_t hash)
{
    int log2_slots = (int)(slots & 63);
    w2v_home home = {w2v_slots_in(slots), 0, ((uint64_t)1 << log2_slots) - 1};
    home.at = hash << W2V_LOG2_PARTS >> (64 - log2_slots);
    return home;
}

static inline w2v_home w2v_home_of(const w2v_wordtable *table, uint64_t hash, memory_order order)
{
    return w2v_home_in(atomic_load_explicit(&table->parts[hash >> (64 - W2V_LOG2_PARTS)].slots, order), hash);
}

static inline int w2v_same_long_word(const w2v_slot *slot, const uint8_t *word, int64_t length)
{
    const w2v_long_word *known = (const w2v_long_word *)(uintptr_t)slot->low;
    return known->length == length && memcmp(known->bytes, word, (size_t)length) == 0;
}

/* The slot of the word, or the empty slot where it belongs. Another thread may fill an empty slot at any time, so only
 * *found tells which it is. The loop ends because no part is ever full. */
static inline w2v_slot *w2v_find_from(w2v_home home, w2v_word_key key, const uint8_t *word, int64_t length, int *found)
{
    for (;; home.at = (home.at + 1) & home.mask) {
        w2v_slot *slot = &home.slots[home.at];
        uint64_t high = atomic_load_explicit(&slot->high, memory_order_acquire);
        *found = high != 0;
        if (high == 0 ||
            (high == key.high && (high < W2V_KEY_LONG ? slot->low == key.low : w2v_same_long_word(slot, word, length))))
            return slot;
    }
}

static inline w2v_shared_count *w2v_shared_count_of(const w2v_wordtable *table, int32_t id)
{
    w2v_shared_count *segment = atomic_load_explicit(&table->counts[id >> W2V_LOG2_SEGMENT], memory_order_acquire);
    return segment + (id & ((1 << W2V_LOG2_SEGMENT) - 1));
}

/* Count one occurrence; at most W2V_BATCH of them between two calls of w2v_count_late. There is no branch: which words
 * are rare is not predictable. */
static inline void w2v_count(w2v_reader *reader, int32_t id)
{
    int rare = id >= W2V_OWN_COUNTS, own = rare ? W2V_OWN_COUNTS : id;
    reader->late[reader->n_late] = id;
    reader->n_late += rare;
    if (++reader->counts[own] == 0 && !rare)
        atomic_fetch_add_explicit(w2v_shared_count_of(reader->table, id), (int64_t)1 << 32, memory_order_relaxed);
}

static inline void w2v_fetch_late(w2v_reader *reader)
{
    for (int i = 0; i < reader->n_late; i++)
        w2v_prefetch_read((const void *)w2v_shared_count_of(reader->table, reader->late[i]));
}

static inline void w2v_count_late(w2v_reader *reader)
{
    for (int i = 0; i < reader->n_late; i++)
        atomic_fetch_add_explicit(w2v_shared_count_of(reader->table, reader->late[i]), 1, memory_order_relaxed);
    reader->n_late = 0;
}

#endif
