/* Filling the word table: readers, and growth and insertion under the lock of a part. */
#include "text/wordtable.h"

#include <stdlib.h>

#include "text/pages.h"

#if defined(_WIN32)
#include <windows.h>
#define GIVE_WAY() SwitchToThread()
#else
#include <sched.h>
#define GIVE_WAY() sched_yield()
#endif

enum { FIRST_LOG2_SLOTS = 6, LINE = 64, FIRST_CHUNK = 1 << 10, LARGEST_CHUNK = 1 << 18 };
#define MAX_WORDS ((int64_t)INT32_MAX - 1)

/* Bytes of long words; never moved, because readers compare with them. */
typedef struct w2v_chunk {
    struct w2v_chunk *next;
    int64_t used, capacity;
    _Alignas(8) uint8_t bytes[];
} w2v_chunk;

typedef struct w2v_retired {
    struct w2v_retired *next;
    w2v_slot *slots;
    uint64_t epoch; /* readers that have seen no later epoch may hold them */
} w2v_retired;

/* Held for one insertion, and rarely contended: there are W2V_PARTS locks and few new words. */
static void lock(_Atomic int *flag)
{
    while (atomic_exchange_explicit(flag, 1, memory_order_acquire))
        while (atomic_load_explicit(flag, memory_order_relaxed))
            GIVE_WAY();
}

static void unlock(_Atomic int *flag) { atomic_store_explicit(flag, 0, memory_order_release); }

/* Equal hashes are settled by memcmp, so this only has to be fast and spread well. It reads 16 bytes at a time; the
 * last 16 overlap those before. */
w2v_word_key w2v_long_key(const uint8_t *word, int64_t length)
{
    w2v_word_key key = {0x243F6A8885A308D3ull ^ (uint64_t)length, 0x13198A2E03707344ull};
    for (int64_t at = 0; at < length; at += 16) {
        const uint8_t *step = word + (at + 16 <= length ? at : length - 16);
        key.low ^= w2v_load64(step);
        key.high ^= w2v_load64(step + 8);
        key.low = w2v_hash_key(key);
        key.high += key.low ^ key.low >> 29;
    }
    key.high = W2V_KEY_LONG | (key.low ^ key.high << 7) >> 8;
    key.low = 0;
    return key;
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

/* Zeroed and aligned to a cache line; the address from calloc is stored just before. */
static void *allocate_lines(size_t size)
{
    uint8_t *memory = calloc(size + 2 * LINE, 1);
    if (memory == NULL)
        return NULL;
    void **lines = (void **)(((uintptr_t)memory + LINE + LINE - 1) & ~(uintptr_t)(LINE - 1));
    lines[-1] = memory;
    return lines;
}

static void free_lines(void *lines)
{
    if (lines != NULL)
        free(((void **)lines)[-1]);
}

static w2v_slot *allocate_slots(int log2_slots)
{
    size_t n_slots = (size_t)1 << log2_slots;
    if (log2_slots > 33 || n_slots > (SIZE_MAX - 2 * LINE) / sizeof(w2v_slot))
        return NULL;
    return allocate_lines(n_slots * sizeof(w2v_slot));
}

w2v_status w2v_wordtable_init(w2v_wordtable *table)
{
    memset(table, 0, sizeof *table);
    atomic_store(&table->epoch, 1);
    table->counts = calloc(W2V_SEGMENTS, sizeof *table->counts);
    table->parts = allocate_lines(W2V_PARTS * sizeof *table->parts);
    if (table->counts == NULL || table->parts == NULL) {
        w2v_wordtable_free(table);
        return W2V_NO_MEMORY;
    }
    for (int i = 0; i < W2V_PARTS; i++) {
        w2v_slot *slots = allocate_slots(FIRST_LOG2_SLOTS);
        if (slots == NULL) {
            w2v_wordtable_free(table);
            return W2V_NO_MEMORY;
        }
        atomic_store(&table->parts[i].slots, (uintptr_t)slots | FIRST_LOG2_SLOTS);
    }
    return W2V_OK;
}

void w2v_wordtable_free(w2v_wordtable *table)
{
    for (int i = 0; table->parts != NULL && i < W2V_PARTS; i++) {
        w2v_part *part = &table->parts[i];
        free_lines(w2v_slots_in(w2v_slots_of(part)));
        for (w2v_chunk *chunk = part->chunks, *next; chunk != NULL; chunk = next) {
            next = chunk->next;
            free(chunk);
        }
        for (w2v_retired *old = part->retired, *next; old != NULL; old = next) {
            next = old->next;
            free_lines(old->slots);
            free(old);
        }
    }
    for (int i = 0; table->counts != NULL && i < W2V_SEGMENTS; i++)
        free((void *)atomic_load_explicit(&table->counts[i], memory_order_relaxed));
    free((void *)table->counts);
    w2v_pages_free((void *)atomic_load_explicit(&table->small_integers, memory_order_relaxed),
                   W2V_SMALL_INTEGERS * sizeof(int32_t));
    free_lines(table->parts);
    memset(table, 0, sizeof *table);
}

/* --- readers ------------------------------------------------------------------------------------------------------ */

w2v_reader *w2v_reader_new(w2v_wordtable *table)
{
    w2v_reader *reader = allocate_lines(sizeof *reader);
    if (reader == NULL || (reader->counts = calloc(W2V_OWN_COUNTS + 1, sizeof *reader->counts)) == NULL) {
        free_lines(reader);
        return NULL;
    }
    reader->table = table;
    lock(&table->readers_lock);
    reader->next = table->readers;
    table->readers = reader;
    unlock(&table->readers_lock);
    return reader;
}

void w2v_reader_free(w2v_reader *reader)
{
    w2v_wordtable *table = reader->table;
    w2v_reader **link = &table->readers;
    lock(&table->readers_lock);
    while (*link != reader)
        link = &(*link)->next;
    *link = reader->next;
    unlock(&table->readers_lock);
    for (int32_t id = 0; id < W2V_OWN_COUNTS; id++)
        if (reader->counts[id] != 0)
            atomic_fetch_add(w2v_shared_count_of(table, id), reader->counts[id]);
    free(reader->counts);
    free_lines(reader);
}

/* Free the outgrown slots of a locked part that no reader can hold any more. A reader that begins now is either seen
 * here or sees the new slots: both sides have a full fence between their write and their read. */
static void free_retired(w2v_wordtable *table, w2v_part *part)
{
    uint64_t oldest = UINT64_MAX;
    atomic_thread_fence(memory_order_seq_cst);
    lock(&table->readers_lock);
    for (w2v_reader *reader = table->readers; reader != NULL; reader = reader->next) {
        uint64_t seen = atomic_load_explicit(&reader->seen, memory_order_acquire);
        if (seen != 0 && seen < oldest)
            oldest = seen;
    }
    unlock(&table->readers_lock);
    for (w2v_retired **link = &part->retired; *link != NULL;) {
        w2v_retired *old = *link;
        if (old->epoch < oldest) {
            *link = old->next;
            free_lines(old->slots);
            free(old);
            atomic_fetch_sub_explicit(&table->n_retired, 1, memory_order_relaxed);
        } else {
            link = &old->next;
        }
    }
}

void w2v_reader_begin(w2v_reader *reader)
{
    w2v_reader_pause(reader);
    atomic_thread_fence(memory_order_seq_cst);
}

void w2v_reader_end(w2v_reader *reader)
{
    w2v_wordtable *table = reader->table;
    atomic_store_explicit(&reader->seen, 0, memory_order_release);
    for (int i = 0; i < W2V_PARTS && atomic_load_explicit(&table->n_retired, memory_order_relaxed) > 0; i++) {
        w2v_part *part = &table->parts[i];
        lock(&part->lock);
        if (part->retired != NULL)
            free_retired(table, part);
        unlock(&part->lock);
    }
}

/* --- insertion ---------------------------------------------------------------------------------------------------- */

static w2v_word_key key_in(const w2v_slot *slot)
{
    w2v_word_key key = {slot->low, atomic_load_explicit(&slot->high, memory_order_relaxed)};
    if (key.high >= W2V_KEY_LONG)
        key.low = 0;
    return key;
}

/* Double the slots of a locked part. The hash follows from the key in the slot, so no word is read again. */
static w2v_status grow(w2v_wordtable *table, w2v_part *part)
{
    uintptr_t before = w2v_slots_of(part);
    int log2_slots = (int)(before & 63) + 1;
    w2v_slot *slots = allocate_slots(log2_slots), *old = w2v_slots_in(before);
    w2v_retired *retired = malloc(sizeof *retired);
    if (slots == NULL || retired == NULL) {
        free_lines(slots);
        free(retired);
        return W2V_NO_MEMORY;
    }
    uintptr_t after = (uintptr_t)slots | (uintptr_t)log2_slots;
    for (uint64_t i = 0; i < (uint64_t)1 << (log2_slots - 1); i++) {
        w2v_word_key key = key_in(&old[i]);
        if (key.high == 0)
            continue;
        w2v_home home = w2v_home_in(after, w2v_hash_key(key));
        while (atomic_load_explicit(&slots[home.at].high, memory_order_relaxed) != 0)
            home.at = (home.at + 1) & home.mask;
        slots[home.at].low = old[i].low;
        slots[home.at].id = old[i].id;
        atomic_store_explicit(&slots[home.at].high, key.high, memory_order_relaxed);
    }
    atomic_store_explicit(&part->slots, after, memory_order_release);
    *retired = (w2v_retired){part->retired, old, atomic_fetch_add(&table->epoch, 1)};
    part->retired = retired;
    atomic_fetch_add_explicit(&table->n_retired, 1, memory_order_relaxed);
    free_retired(table, part);
    return W2V_OK;
}

/* A permanent copy of the word, or NULL if there is no memory. */
static w2v_long_word *keep_long_word(w2v_part *part, const uint8_t *word, int64_t length)
{
    int64_t size = ((int64_t)sizeof(w2v_long_word) + length + 7) & ~(int64_t)7;
    w2v_chunk *chunk = part->chunks;
    if (chunk == NULL || chunk->capacity - chunk->used < size) {
        int64_t capacity = chunk == NULL ? FIRST_CHUNK : 2 * chunk->capacity;
        capacity = capacity > LARGEST_CHUNK ? LARGEST_CHUNK : capacity;
        capacity = capacity < size ? size : capacity;
        chunk = malloc(sizeof *chunk + (size_t)capacity);
        if (chunk == NULL)
            return NULL;
        *chunk = (w2v_chunk){part->chunks, 0, capacity};
        part->chunks = chunk;
    }
    w2v_long_word *kept = (w2v_long_word *)(chunk->bytes + chunk->used);
    kept->length = length;
    memcpy(kept->bytes, word, (size_t)length);
    chunk->used += size;
    return kept;
}

/* Make sure that there is a count for the id. */
static w2v_status reserve_count(w2v_wordtable *table, int32_t id)
{
    _Atomic(w2v_shared_count *) *segment = &table->counts[id >> W2V_LOG2_SEGMENT];
    w2v_shared_count *none = NULL, *fresh;
    if (atomic_load_explicit(segment, memory_order_acquire) != NULL)
        return W2V_OK;
    fresh = calloc((size_t)1 << W2V_LOG2_SEGMENT, sizeof *fresh);
    if (fresh == NULL)
        return W2V_NO_MEMORY;
    if (!atomic_compare_exchange_strong(segment, &none, fresh))
        free((void *)fresh);
    return W2V_OK;
}

/* The next id, or -1 if there are too many words. */
static int32_t take_id(w2v_wordtable *table)
{
    int64_t n = atomic_load_explicit(&table->n_words, memory_order_relaxed);
    do {
        if (n >= MAX_WORDS)
            return -1;
    } while (
        !atomic_compare_exchange_weak_explicit(&table->n_words, &n, n + 1, memory_order_relaxed, memory_order_relaxed));
    return (int32_t)n;
}

static w2v_status insert_locked(w2v_wordtable *table, w2v_part *part, w2v_word_key key, uint64_t hash,
                                const uint8_t *word, int64_t length, w2v_slot **slot)
{
    w2v_status status;
    int found;
    *slot = w2v_find_from(w2v_home_in(w2v_slots_of(part), hash), key, word, length, &found);
    if (found)
        return W2V_OK;
    /* At most 5/8 full: with slots of 32 bytes a short run of slots is in the same or the next cache line. */
    if (8 * ((uint64_t)part->n_words + 1) > (uint64_t)5 << (w2v_slots_of(part) & 63)) {
        if ((status = grow(table, part)) != W2V_OK)
            return status;
        *slot = w2v_find_from(w2v_home_in(w2v_slots_of(part), hash), key, word, length, &found);
    }
    uint64_t low = key.low;
    if (key.high >= W2V_KEY_LONG && (low = (uint64_t)(uintptr_t)keep_long_word(part, word, length)) == 0)
        return W2V_NO_MEMORY;
    int32_t id = take_id(table);
    if (id < 0)
        return W2V_TOO_MANY_WORDS;
    if ((status = reserve_count(table, id)) != W2V_OK)
        return status;
    (*slot)->low = low;
    (*slot)->id = id;
    part->n_words++;
    atomic_store_explicit(&(*slot)->high, key.high, memory_order_release);
    return W2V_OK;
}

w2v_status w2v_wordtable_insert(w2v_wordtable *table, w2v_word_key key, uint64_t hash, const uint8_t *word,
                                int64_t length, w2v_slot **slot)
{
    w2v_part *part = &table->parts[hash >> (64 - W2V_LOG2_PARTS)];
    if (table->closed) {
        *slot = &table->other;
        return W2V_OK;
    }
    lock(&part->lock);
    w2v_status status = insert_locked(table, part, key, hash, word, length, slot);
    unlock(&part->lock);
    return status;
}

w2v_status w2v_wordtable_add(w2v_wordtable *table, const uint8_t *word, int64_t length, int64_t count, int32_t *id)
{
    w2v_word_key key = w2v_make_key(word, length, length);
    w2v_slot *slot;
    w2v_status status = w2v_wordtable_insert(table, key, w2v_hash_key(key), word, length, &slot);
    if (status == W2V_OK) {
        *id = slot->id;
        atomic_fetch_add_explicit(w2v_shared_count_of(table, *id), count, memory_order_relaxed);
    }
    return status;
}

w2v_status w2v_wordtable_reserve(w2v_wordtable *table) { return reserve_count(table, take_id(table)); }

void w2v_wordtable_close(w2v_wordtable *table) { table->closed = 1; }
