/* Passes over all distinct words of a table at rest: counts, statistics of words, selection and export. */
#include "text/wordtable.h"

#include <stdlib.h>

#include "text/utf8.h"

enum {
    AHEAD = 16,              /* slots prefetched ahead */
    OFTEN = 5,               /* occurrences of a word that is looked up in lower case: rare words would take long */
    LONGEST_CAPITALIZED = 64 /* bytes */
};

/* Loop over all used slots of the table. */
#define FOR_EACH_SLOT(table, slot)                                                      \
    for (w2v_part *part_ = (table)->parts; part_ < (table)->parts + W2V_PARTS; part_++) \
        for (w2v_slot *slot = w2v_slots_in(w2v_slots_of(part_)),                        \
                      *end_ = slot + ((size_t)1 << (w2v_slots_of(part_) & 63));         \
             slot < end_; slot++)                                                       \
            if (atomic_load_explicit(&slot->high, memory_order_relaxed) != 0)

void w2v_wordtable_counts(const w2v_wordtable *table, int64_t *counts)
{
    int64_t n = atomic_load(&table->n_words);
    for (int64_t id = 0; id < n; id++) /* a segment can only be missing after W2V_NO_MEMORY */
        counts[id] = atomic_load(&table->counts[id >> W2V_LOG2_SEGMENT]) == NULL
                         ? 0
                         : atomic_load_explicit(w2v_shared_count_of(table, (int32_t)id), memory_order_relaxed);
    for (const w2v_reader *reader = table->readers; reader != NULL; reader = reader->next)
        for (int64_t id = 0; id < (n < W2V_OWN_COUNTS ? n : W2V_OWN_COUNTS); id++)
            counts[id] += reader->counts[id];
}

static inline void store64(uint8_t *bytes, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

/* The bytes of a word and their number; a short word is written to `room`. */
static const uint8_t *word_in(const w2v_slot *slot, uint8_t room[16], int64_t *length)
{
    uint64_t high = atomic_load_explicit(&slot->high, memory_order_relaxed);
    if (high >= W2V_KEY_LONG) {
        const w2v_long_word *kept = (const w2v_long_word *)(uintptr_t)slot->low;
        *length = kept->length;
        return kept->bytes;
    }
    *length = (int64_t)(high >> 56);
    store64(room, slot->low);
    store64(room + 8, high);
    return room;
}

/* White space of Unicode beyond ASCII, the zero-width space U+200B and the byte order mark U+FEFF. */
static int is_unicode_space(uint32_t c)
{
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

/* Thai and Lao, Tibetan and Burmese, Khmer, kana, and Chinese characters. */
static int is_unspaced_script(uint32_t c)
{
    return (c >= 0x0E00 && c <= 0x109F) || (c >= 0x1780 && c <= 0x17FF) || (c >= 0x3041 && c <= 0x30FF) ||
           (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
}

/* Quotation marks other than the apostrophe, the ellipsis, and punctuation of Chinese, Japanese, Arabic and Hindi. */
static int is_unicode_punctuation(uint32_t c)
{
    return c == 0xBB || c == 0x060C || c == 0x061B || c == 0x061F || c == 0x0964 || (c >= 0x201A && c <= 0x201F) ||
           c == 0x2026 || (c >= 0x3001 && c <= 0x3002) || c == 0x300D || c == 0x300F || c == 0xFF01 || c == 0xFF0C ||
           c == 0xFF1A || c == 0xFF1B || c == 0xFF1F;
}

static int is_letter(uint8_t c) { return (uint8_t)((c | 0x20) - 'a') < 26; }

static int is_word_byte(uint8_t c) { return is_letter(c) || (uint8_t)(c - '0') < 10 || c >= 0x80; }

static int is_ascii_punctuation(uint8_t c) { return c != 0 && strchr(".,;:!?)]}\"", c) != NULL; }

/* A tag by itself, as <unk> or </s>: in prepared text, a special word. */
static int is_special_word(const uint8_t *word, int64_t n)
{
    int64_t at = 1 + (n > 1 && word[1] == '/');
    if (n < 3 || word[0] != '<' || word[n - 1] != '>')
        return 0;
    while (at < n - 1 && (is_word_byte(word[at]) || word[at] == '_' || word[at] == '-'))
        at++;
    return at == n - 1;
}

/* Whether the byte at a position begins a tag, ends one with an attribute, or begins an entity. */
static int is_markup_at(const uint8_t *word, int64_t n, int64_t at)
{
    uint8_t next = at + 1 < n ? word[at + 1] : 0;
    if (word[at] == '<')
        return is_letter(next) || next == '!' || next == '?' || (next == '/' && at + 2 < n && is_letter(word[at + 2]));
    if (word[at] == '/' || word[at] == '"')
        return next == '>';
    if (word[at] != '&' || !(is_letter(next) || next == '#'))
        return 0;
    for (at += 2; at < n && (is_letter(word[at]) || (uint8_t)(word[at] - '0') < 10); at++)
        ;
    return at < n && word[at] == ';';
}

static int is_wiki_at(const uint8_t *word, int64_t n, int64_t at)
{
    uint8_t c = word[at];
    if (at + 1 >= n || word[at + 1] != c)
        return 0;
    return c == '[' || c == ']' || c == '{' || c == '}' || (c == '\'' && at + 2 < n && word[at + 2] == c);
}

/* What one word has, each as a number; `text` is set if a byte of it is not ASCII punctuation. */
typedef struct word_traits {
    int64_t invalid, unspaced_chars;
    int unicode_space, blank, markup, wiki, text, punctuated;
} word_traits;

static word_traits traits_of(const uint8_t *word, int64_t n)
{
    word_traits found = {0, 0, 0, 0, 0, 0, 0, 0};
    uint32_t last = 0;
    int64_t at = 0;
    while (at < n && (uint8_t)(word[at] - '0') < 10)
        at++;
    found.text = at > 0;
    while (at < n) {
        uint8_t c = word[at];
        if (c < 0x80) {
            found.text |= is_word_byte(c);
            found.blank |= c == ' ' || (c >= 9 && c <= 13);
            found.markup |= is_markup_at(word, n, at);
            found.wiki |= is_wiki_at(word, n, at);
            last = c;
            at++;
            continue;
        }
        int size = w2v_utf8_length(word + at, n - at);
        if (size == 0) {
            found.invalid++;
            last = 0;
            at++;
            continue;
        }
        last = w2v_code_point(word + at, size);
        found.unicode_space |= is_unicode_space(last);
        found.unspaced_chars += is_unspaced_script(last);
        found.text |= !is_unicode_punctuation(last);
        at += size;
    }
    found.markup = found.markup && !is_special_word(word, n);
    found.punctuated = found.text && (last < 0x80 ? is_ascii_punctuation((uint8_t)last) : is_unicode_punctuation(last));
    return found;
}

int32_t w2v_wordtable_find(const w2v_wordtable *table, const uint8_t *word, int64_t length)
{
    w2v_word_key key = w2v_make_key(word, length, length);
    int found;
    const w2v_slot *slot =
        w2v_find_from(w2v_home_of(table, w2v_hash_key(key), memory_order_acquire), key, word, length, &found);
    return found ? slot->id : -1;
}

/* Whether a word begins with A to Z and is also in the table with its ASCII letters in lower case. */
static int has_lower_case(const w2v_wordtable *table, const uint8_t *word, int64_t length)
{
    uint8_t lower[LONGEST_CAPITALIZED];
    if ((uint8_t)(word[0] - 'A') >= 26 || length > LONGEST_CAPITALIZED)
        return 0;
    for (int64_t i = 0; i < length; i++)
        lower[i] = (uint8_t)(word[i] - 'A') < 26 ? word[i] | 0x20 : word[i];
    return w2v_wordtable_find(table, lower, length) >= 0;
}

w2v_oddities w2v_wordtable_oddities(const w2v_wordtable *table, const int64_t *counts)
{
    w2v_oddities found = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    uint8_t room[16];
    int64_t length;
    FOR_EACH_SLOT (table, slot) {
        const uint8_t *word = word_in(slot, room, &length);
        word_traits traits = traits_of(word, length);
        int64_t count = counts[slot->id];
        found.longest_word = length > found.longest_word ? length : found.longest_word;
        found.invalid_words += traits.invalid > 0 ? count : 0;
        found.invalid_bytes += traits.invalid * count;
        found.punctuated += traits.punctuated ? count : 0;
        found.markup += traits.markup ? count : 0;
        found.wiki += traits.wiki ? count : 0;
        found.unspaced += traits.unspaced_chars > 0 ? count : 0;
        found.unspaced_chars += traits.unspaced_chars * count;
        found.unicode_spaces += traits.unicode_space ? count : 0;
        found.blanks += traits.blank ? count : 0;
        found.capitalized += count >= OFTEN && has_lower_case(table, word, length) ? count : 0;
    }
    return found;
}

static int compare_listed(const void *left, const void *right)
{
    const w2v_listed_word *a = left, *b = right;
    uint8_t room_a[16], room_b[16];
    int64_t length_a, length_b;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    const uint8_t *word_a = word_in(a->slot, room_a, &length_a), *word_b = word_in(b->slot, room_b, &length_b);
    int order = memcmp(word_a, word_b, (size_t)(length_a < length_b ? length_a : length_b));
    return order != 0 ? order : (length_a > length_b) - (length_a < length_b);
}

static uint64_t reversed(uint64_t value)
{
    value = (value & 0x00FF00FF00FF00FFull) << 8 | (value >> 8 & 0x00FF00FF00FF00FFull);
    value = (value & 0x0000FFFF0000FFFFull) << 16 | (value >> 16 & 0x0000FFFF0000FFFFull);
    return value << 32 | value >> 32;
}

static uint64_t first_bytes(const w2v_slot *slot)
{ /* zeros after a short word */
    if (atomic_load_explicit(&slot->high, memory_order_relaxed) < W2V_KEY_LONG)
        return reversed(slot->low);
    return reversed(w2v_load64(((const w2v_long_word *)(uintptr_t)slot->low)->bytes));
}

w2v_status w2v_wordtable_select(const w2v_wordtable *table, const int64_t *counts, int64_t min_count, int64_t max_words,
                                w2v_listed_word **list, int64_t *n, int64_t *n_bytes)
{
    int64_t n_words = atomic_load(&table->n_words), length, at = 0;
    uint8_t room[16];
    *n = *n_bytes = 0;
    *list = NULL;
    for (int64_t id = 0; id < n_words; id++)
        *n += counts[id] >= min_count;
    if (*n == 0)
        return W2V_OK;
    *list = malloc((size_t)*n * sizeof **list);
    if (*list == NULL)
        return W2V_NO_MEMORY;
    FOR_EACH_SLOT (table, slot) {
        if (counts[slot->id] >= min_count)
            (*list)[at++] = (w2v_listed_word){counts[slot->id], first_bytes(slot), slot, slot->id};
    }
    qsort(*list, (size_t)at, sizeof **list, compare_listed);
    *n = at < max_words ? at : max_words;
    for (int64_t i = 0; i < *n; i++) {
        w2v_prefetch_read((*list)[i + AHEAD < *n ? i + AHEAD : i].slot);
        word_in((*list)[i].slot, room, &length);
        *n_bytes += length;
    }
    return W2V_OK;
}

void w2v_wordtable_export(const w2v_listed_word *list, int64_t n, uint8_t *blob, int64_t *offsets, int64_t *counts,
                          int32_t *final)
{
    int64_t at = 0, length;
    uint8_t room[16];
    for (int64_t i = 0; i < n; i++) {
        w2v_prefetch_read(list[i + AHEAD < n ? i + AHEAD : i].slot);
        const uint8_t *word = word_in(list[i].slot, room, &length);
        memcpy(blob + at, word, (size_t)length);
        offsets[i] = at;
        counts[i] = list[i].count;
        final[list[i].id + 1] = (int32_t)i;
        at += length;
    }
    offsets[n] = at;
}
