/* The word table: growth, merging, and what is done once over all distinct words (selection, export, UTF-8). */
#include "wordtable.h"

#include <stdlib.h>

enum { FIRST_LOG2_SLOTS = 12, MERGE_AHEAD = 32 };
#define MAX_WORDS ((int64_t)INT32_MAX - 1)

/* Equal hashes are settled by memcmp, so this must only be quick and spread well. It reads 16 bytes a step; the last
 * step overlaps the one before. */
w2v_word_key w2v_long_key(const uint8_t *word, int64_t length) {
    w2v_word_key key = {0x243F6A8885A308D3ull ^ (uint64_t)length, 0x13198A2E03707344ull};
    for (int64_t at = 0; at < length; at += 16) {
        const uint8_t *step = word + (at + 16 <= length ? at : length - 16);
        key.low ^= w2v_load64(step);
        key.high ^= w2v_load64(step + 8);
        key.low = w2v_hash_key(key);
        key.high += key.low ^ key.low >> 29;
    }
    key.low ^= key.low >> 32;
    key.high = W2V_KEY_LONG | (uint64_t)length;
    return key;
}

static w2v_status allocate_slots(w2v_wordtable *table, int log2_slots) {
    size_t n_slots = (size_t)1 << log2_slots;
    void *memory;
    if (log2_slots > 33 || n_slots > (SIZE_MAX - 64) / sizeof(w2v_slot))
        return W2V_NO_MEMORY;
    memory = calloc(n_slots * sizeof(w2v_slot) + 64, 1);
    if (memory == NULL)
        return W2V_NO_MEMORY;
    table->slots_memory = memory;
    table->slots = (w2v_slot *)(((uintptr_t)memory + 63) & ~(uintptr_t)63);
    table->mask = n_slots - 1;
    table->shift = 64 - log2_slots;
    return W2V_OK;
}

w2v_status w2v_wordtable_init(w2v_wordtable *table) {
    memset(table, 0, sizeof *table);
    table->offsets_capacity = 1024;
    table->arena_capacity = 8192;
    table->offsets = malloc((size_t)table->offsets_capacity * sizeof *table->offsets);
    table->arena = malloc((size_t)table->arena_capacity);
    if (table->offsets == NULL || table->arena == NULL || allocate_slots(table, FIRST_LOG2_SLOTS) != W2V_OK) {
        w2v_wordtable_free(table);
        return W2V_NO_MEMORY;
    }
    table->offsets[0] = 0;
    return W2V_OK;
}

void w2v_wordtable_free(w2v_wordtable *table) {
    free(table->slots_memory);
    free(table->offsets);
    free(table->arena);
    memset(table, 0, sizeof *table);
}

void w2v_wordtable_clear(w2v_wordtable *table) {
    memset(table->slots, 0, (size_t)(table->mask + 1) * sizeof *table->slots);
    table->n_words = 0;
}

/* The hash follows from the key that stands in the slot, so no word is read again. */
static w2v_status grow_slots(w2v_wordtable *table, int log2_slots) {
    w2v_wordtable old = *table;
    w2v_status status = allocate_slots(table, log2_slots);
    if (status != W2V_OK)
        return status;
    for (uint64_t i = 0; i <= old.mask; i++) {
        w2v_word_key key = {old.slots[i].low, old.slots[i].high};
        if (key.high == 0)
            continue;
        uint64_t at = w2v_hash_key(key) >> table->shift;
        while (table->slots[at].high != 0)
            at = (at + 1) & table->mask;
        table->slots[at] = old.slots[i];
    }
    free(old.slots_memory);
    return W2V_OK;
}

static w2v_status grow_array(void **array, int64_t *capacity, int64_t needed, size_t item) {
    int64_t larger = *capacity * 2 > needed ? *capacity * 2 : needed;
    void *moved = realloc(*array, (size_t)larger * item);
    if (moved == NULL)
        return W2V_NO_MEMORY;
    *array = moved;
    *capacity = larger;
    return W2V_OK;
}

w2v_status w2v_wordtable_reserve(w2v_wordtable *table, int64_t extra) {
    uint64_t needed = (uint64_t)(table->n_words + extra);
    int log2_slots = 64 - table->shift;
    if (table->n_words + extra + 1 > table->offsets_capacity) {
        void *offsets = table->offsets;
        w2v_status status =
            grow_array(&offsets, &table->offsets_capacity, table->n_words + extra + 1, sizeof *table->offsets);
        table->offsets = offsets;
        if (status != W2V_OK)
            return status;
    }
    /* At most 5/8 full: with 32-byte slots the next ones of a run lie in the same or the adjacent line. */
    while (needed > ((uint64_t)5 << log2_slots) / 8)
        log2_slots++;
    return log2_slots == 64 - table->shift ? W2V_OK : grow_slots(table, log2_slots);
}

w2v_status w2v_wordtable_insert(w2v_wordtable *table, w2v_slot *slot, w2v_word_key key, const uint8_t *word,
                                int64_t length) {
    int64_t begin = table->offsets[table->n_words];
    if (table->n_words >= MAX_WORDS)
        return W2V_TOO_MANY_WORDS;
    if (begin + length > table->arena_capacity) {
        void *arena = table->arena;
        w2v_status status = grow_array(&arena, &table->arena_capacity, begin + length, 1);
        table->arena = arena;
        if (status != W2V_OK)
            return status;
    }
    memcpy(table->arena + begin, word, (size_t)length);
    slot->low = key.low;
    slot->high = key.high;
    slot->count = 0;
    slot->id = (int32_t)table->n_words++;
    table->offsets[table->n_words] = begin + length;
    return W2V_OK;
}

w2v_status w2v_wordtable_add(w2v_wordtable *table, const uint8_t *word, int64_t length, int64_t count, int32_t *id) {
    w2v_word_key key = w2v_make_key(word, length, length);
    w2v_status status = w2v_wordtable_reserve(table, 1);
    if (status != W2V_OK)
        return status;
    w2v_slot *slot = w2v_wordtable_find(table, key, w2v_hash_key(key), word, length);
    if (slot->high == 0)
        status = w2v_wordtable_insert(table, slot, key, word, length);
    if (status == W2V_OK) {
        slot->count += count;
        *id = slot->id;
    }
    return status;
}

/* Add the n <= MERGE_AHEAD words ids[] of `from` with these counts (NULL: 0) to `into`, their slots fetched together;
 * map[id] becomes the id there, if map is not NULL. */
static w2v_status merge_some(w2v_wordtable *into, const w2v_wordtable *from, const int32_t *ids, const int64_t *counts,
                             int n, int32_t *map) {
    w2v_word_key keys[MERGE_AHEAD];
    uint64_t hashes[MERGE_AHEAD];
    w2v_status status = w2v_wordtable_reserve(into, n);
    if (status != W2V_OK)
        return status;
    for (int i = 0; i < n; i++) {
        int64_t begin = from->offsets[ids[i]], end = from->offsets[ids[i] + 1];
        keys[i] = w2v_make_key(from->arena + begin, end - begin, from->offsets[from->n_words] - begin);
        hashes[i] = w2v_hash_key(keys[i]);
        w2v_prefetch(&into->slots[hashes[i] >> into->shift]);
    }
    for (int i = 0; i < n; i++) {
        const uint8_t *word = from->arena + from->offsets[ids[i]];
        int64_t length = from->offsets[ids[i] + 1] - from->offsets[ids[i]];
        w2v_slot *slot = w2v_wordtable_find(into, keys[i], hashes[i], word, length);
        if (slot->high == 0 && (status = w2v_wordtable_insert(into, slot, keys[i], word, length)) != W2V_OK)
            return status;
        slot->count += counts == NULL ? 0 : counts[i];
        if (map != NULL)
            map[ids[i]] = slot->id;
    }
    return W2V_OK;
}

w2v_status w2v_wordtable_merge_words(w2v_wordtable *into, const w2v_wordtable *from, int64_t first, int32_t *map) {
    int32_t ids[MERGE_AHEAD];
    w2v_status status = W2V_OK;
    while (first < from->n_words && status == W2V_OK) {
        int n = 0;
        for (; n < MERGE_AHEAD && first < from->n_words; n++)
            ids[n] = (int32_t)first++;
        status = merge_some(into, from, ids, NULL, n, map);
    }
    return status;
}

w2v_status w2v_wordtable_merge_counts(w2v_wordtable *into, w2v_wordtable *from) {
    int32_t ids[MERGE_AHEAD];
    int64_t counts[MERGE_AHEAD];
    w2v_status status = W2V_OK;
    int n = 0;
    for (uint64_t i = 0; i <= from->mask && status == W2V_OK; i++) {
        w2v_slot *slot = &from->slots[i];
        if (slot->high != 0 && slot->count != 0) {
            ids[n] = slot->id;
            counts[n++] = slot->count;
            slot->count = 0;
        }
        if (n == MERGE_AHEAD || (n > 0 && i == from->mask)) {
            status = merge_some(into, from, ids, counts, n, NULL);
            n = 0;
        }
    }
    return status;
}

void w2v_wordtable_counts(const w2v_wordtable *table, int64_t *counts) {
    for (uint64_t i = 0; i <= table->mask; i++)
        if (table->slots[i].high != 0)
            counts[table->slots[i].id] = table->slots[i].count;
}

typedef struct ranked_word {
    int64_t count;
    const uint8_t *word;
    int64_t length;
    int32_t id;
} ranked_word;

static int compare_ranked(const void *left, const void *right) {
    const ranked_word *a = left, *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    int order = memcmp(a->word, b->word, (size_t)(a->length < b->length ? a->length : b->length));
    if (order != 0)
        return order;
    return (a->length > b->length) - (a->length < b->length);
}

w2v_status w2v_wordtable_select(const w2v_wordtable *table, const int64_t *counts, int64_t min_count,
                                int64_t max_words, int32_t *order, int64_t *n_selected) {
    int64_t n = 0, at = 0;
    *n_selected = 0;
    for (int64_t id = 0; id < table->n_words; id++)
        n += counts[id] >= min_count;
    if (n == 0)
        return W2V_OK;
    ranked_word *ranked = malloc((size_t)n * sizeof *ranked);
    if (ranked == NULL)
        return W2V_NO_MEMORY;
    for (int64_t id = 0; id < table->n_words; id++) {
        int64_t begin = table->offsets[id];
        if (counts[id] >= min_count)
            ranked[at++] =
                (ranked_word){counts[id], table->arena + begin, table->offsets[id + 1] - begin, (int32_t)id};
    }
    qsort(ranked, (size_t)n, sizeof *ranked, compare_ranked);
    *n_selected = n < max_words ? n : max_words;
    for (int64_t i = 0; i < *n_selected; i++)
        order[i] = ranked[i].id;
    free(ranked);
    return W2V_OK;
}

void w2v_wordtable_export(const w2v_wordtable *table, const int32_t *order, int64_t n, uint8_t *blob,
                          int64_t *offsets) {
    int64_t at = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t begin = table->offsets[order[i]], length = table->offsets[order[i] + 1] - begin;
        if (blob != NULL)
            memcpy(blob + at, table->arena + begin, (size_t)length);
        offsets[i] = at;
        at += length;
    }
    offsets[n] = at;
}

/* Length of the valid UTF-8 character at the start of `text`, 0 if there is none (RFC 3629: shortest form only, no
 * surrogates, nothing above U+10FFFF). */
static int utf8_length(const uint8_t *text, int64_t n) {
    uint8_t lead = text[0];
    int length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (length == 0 || length > n)
        return 0;
    for (int i = 1; i < length; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    if ((lead == 0xE0 && text[1] < 0xA0) || (lead == 0xED && text[1] > 0x9F) || (lead == 0xF0 && text[1] < 0x90) ||
        (lead == 0xF4 && text[1] > 0x8F))
        return 0;
    return length;
}

void w2v_wordtable_invalid_utf8(const w2v_wordtable *table, const int64_t *counts, int64_t *words, int64_t *bytes) {
    *words = *bytes = 0;
    for (int64_t id = 0; id < table->n_words; id++) {
        int64_t invalid = 0;
        for (int64_t at = table->offsets[id]; at < table->offsets[id + 1];) {
            int length = utf8_length(table->arena + at, table->offsets[id + 1] - at);
            invalid += length == 0;
            at += length == 0 ? 1 : length;
        }
        *words += invalid > 0 ? counts[id] : 0;
        *bytes += invalid * counts[id];
    }
}
