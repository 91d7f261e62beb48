/* Counting grams: an open-addressing table of 16-byte slots, looked up in batches whose cache lines are prefetched. */
#include "text/phrases.h"

#include <stdlib.h>

#include "text/pages.h"

enum { FIRST_LOG2_SLOTS = 12 };
#define BASE 0x9E3779B97F4A7C15ull /* base of the hash of a spelling; odd */

/* --- spelling ----------------------------------------------------------------------------------------------------- */

typedef struct text_hash {
    uint64_t hash, power;
} text_hash;

static text_hash hash_bytes(const uint8_t *bytes, int64_t n)
{
    text_hash found = {0, 1};
    for (int64_t i = 0; i < n; i++) {
        found.hash = found.hash * BASE + bytes[i] + 1;
        found.power *= BASE;
    }
    return found;
}

static inline text_hash concat(text_hash a, text_hash b)
{
    return (text_hash){a.hash * b.power + b.hash, a.power * b.power};
}

void w2v_spelling_init(w2v_spelling *spelling, int64_t n_words)
{
    text_hash separator = hash_bytes(spelling->separator, spelling->n_separator);
    spelling->separator_hash = separator.hash;
    spelling->separator_power = separator.power;
    for (int64_t i = 0; i < n_words; i++) {
        text_hash word =
            hash_bytes(spelling->blob + spelling->offsets[i], spelling->offsets[i + 1] - spelling->offsets[i]);
        spelling->hashes[i] = word.hash;
        spelling->powers[i] = word.power;
    }
}

static inline text_hash of_word(const w2v_spelling *spelling, int32_t word)
{
    return (text_hash){spelling->hashes[word], spelling->powers[word]};
}

/* The hash of `before`, a separator and a word. */
static inline text_hash with_separator(const w2v_spelling *spelling, text_hash before, int32_t word)
{
    text_hash separator = {spelling->separator_hash, spelling->separator_power};
    return concat(concat(before, separator), of_word(spelling, word));
}

static inline uint64_t mix(uint64_t h)
{ /* a bijection */
    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93ull;
    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93ull;
    return h ^ h >> 32;
}

static inline uint64_t hash_of(const w2v_grams *grams, const w2v_gram *gram)
{
    const w2v_spelling *spelling = grams->spelling;
    if (spelling == NULL)
        return mix(((uint64_t)(uint32_t)gram->left << 32 | (uint32_t)gram->right) + gram->run * BASE);
    text_hash text = of_word(spelling, gram->left);
    if (gram->run != W2V_NO_RUN) {
        const w2v_run *run = &grams->runs.runs[gram->run];
        text = with_separator(spelling, concat(text, (text_hash){run->hash, run->power}), gram->right);
    }
    return mix(text.hash);
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

static size_t slots_size(int log2_slots) { return sizeof(w2v_gram) << log2_slots; }

static inline int same_gram(const w2v_gram *a, const w2v_gram *b)
{
    return a->left == b->left && a->right == b->right && a->run == b->run;
}

/* The slot of a gram, or the empty one where it belongs. */
static inline w2v_gram *find(w2v_gram *slots, int log2_slots, const w2v_gram *gram, uint64_t hash)
{
    uint64_t mask = ((uint64_t)1 << log2_slots) - 1;
    for (uint64_t at = hash & mask;; at = (at + 1) & mask)
        if (slots[at].count == 0 || same_gram(&slots[at], gram))
            return &slots[at];
}

static w2v_status grow(w2v_grams *grams)
{
    int log2_slots = grams->log2_slots + 1;
    w2v_gram *slots = w2v_pages_new(slots_size(log2_slots));
    if (slots == NULL)
        return W2V_NO_MEMORY;
    for (int64_t i = 0; i < (int64_t)1 << grams->log2_slots; i++) {
        const w2v_gram *old = &grams->slots[i];
        if (old->count != 0)
            *find(slots, log2_slots, old, hash_of(grams, old)) = *old;
    }
    w2v_pages_free(grams->slots, slots_size(grams->log2_slots));
    grams->slots = slots;
    grams->log2_slots = log2_slots;
    return W2V_OK;
}

/* Make room for another batch; the table is at most 5/8 full. */
static w2v_status reserve(w2v_grams *grams, int *full)
{
    *full = 0;
    if (8 * (uint64_t)(grams->n + W2V_GRAM_BATCH) <= (uint64_t)5 << grams->log2_slots)
        return W2V_OK;
    *full = grams->log2_slots >= grams->max_log2_slots;
    return *full ? W2V_OK : grow(grams);
}

static w2v_status note_wrap(w2v_grams *grams, const w2v_gram *gram)
{
    w2v_gram *more = realloc(grams->wrapped, (size_t)(grams->n_wrapped + 1) * sizeof *more);
    if (more == NULL)
        return W2V_NO_MEMORY;
    more[grams->n_wrapped++] = *gram;
    grams->wrapped = more;
    return W2V_OK;
}

static w2v_status insert_pending(w2v_grams *grams, int *full)
{
    uint64_t mask;
    w2v_status status = reserve(grams, full);
    if (status != W2V_OK || *full)
        return status;
    mask = ((uint64_t)1 << grams->log2_slots) - 1;
    for (int64_t i = 0; i < grams->n_pending; i++)
        w2v_prefetch_read(&grams->slots[grams->hashes[i] & mask]);
    for (int64_t i = 0; i < grams->n_pending; i++) {
        const w2v_gram *gram = &grams->pending[i];
        w2v_gram *slot = find(grams->slots, grams->log2_slots, gram, grams->hashes[i]);
        if (slot->count == 0) {
            *slot = *gram; /* with count 1 */
            grams->n++;
        } else if (++slot->count == 0) { /* 2^32 occurrences: one is kept here, the others are noted */
            slot->count = 1;
            if ((status = note_wrap(grams, gram)) != W2V_OK)
                return status;
        }
    }
    grams->n_pending = 0;
    return W2V_OK;
}

/* Occurrences of this gram, without those of others that are spelled alike. */
static int64_t total_of(const w2v_grams *grams, const w2v_gram *slot)
{
    int64_t total = slot->count;
    for (int64_t i = 0; i < grams->n_wrapped; i++)
        total += same_gram(&grams->wrapped[i], slot) ? (int64_t)UINT32_MAX : 0;
    return total;
}

w2v_status w2v_grams_init(w2v_grams *grams, const uint8_t *kinds, int64_t n_words, uint64_t first, uint64_t share,
                          int max_log2_slots, const w2v_spelling *spelling)
{
    memset(grams, 0, sizeof *grams);
    grams->kinds = kinds;
    grams->n_words = n_words;
    grams->first = first;
    grams->share = share;
    grams->spelling = spelling;
    grams->log2_slots = max_log2_slots < FIRST_LOG2_SLOTS ? max_log2_slots : FIRST_LOG2_SLOTS;
    grams->max_log2_slots = max_log2_slots;
    grams->left = -1;
    for (int64_t i = 0; i < n_words; i++)
        grams->has_connectors |= kinds[i] & W2V_CONNECTOR;
    grams->slots = w2v_pages_new(slots_size(grams->log2_slots));
    return grams->slots == NULL ? W2V_NO_MEMORY : w2v_runs_init(&grams->runs);
}

void w2v_grams_free(w2v_grams *grams)
{
    w2v_pages_free(grams->slots, slots_size(grams->log2_slots));
    free(grams->wrapped);
    free(grams->extra);
    w2v_runs_free(&grams->runs);
}

w2v_status w2v_grams_add_word(w2v_grams *grams, int32_t word, int64_t count, int *full)
{
    w2v_gram gram = {word, -1, W2V_NO_RUN, 0};
    uint64_t hash = hash_of(grams, &gram);
    w2v_status status = reserve(grams, full);
    if (status != W2V_OK || *full || (hash >> 32) - grams->first >= grams->share || count == 0)
        return status;
    for (; count > (int64_t)UINT32_MAX; count -= (int64_t)UINT32_MAX)
        if ((status = note_wrap(grams, &gram)) != W2V_OK)
            return status;
    gram.count = (uint32_t)count;
    *find(grams->slots, grams->log2_slots, &gram, hash) = gram;
    grams->n++;
    return W2V_OK;
}

/* --- the text ----------------------------------------------------------------------------------------------------- */

static uint32_t longer_run(w2v_grams *grams, uint32_t run, int32_t word)
{
    int64_t before = grams->runs.n;
    uint32_t longer = w2v_runs_add(&grams->runs, run, word);
    if (longer == W2V_NO_RUN || grams->runs.n == before)
        return longer;
    const w2v_run *shorter = &grams->runs.runs[run];
    w2v_run *made = &grams->runs.runs[longer];
    made->kinds = shorter->kinds | grams->kinds[word];
    if (grams->spelling != NULL) {
        text_hash text = with_separator(grams->spelling, (text_hash){shorter->hash, shorter->power}, word);
        made->hash = text.hash;
        made->power = text.power;
    }
    return longer;
}

static inline w2v_status scan(w2v_grams *grams, const int32_t *ids, int64_t n, int64_t *taken, int connectors)
{
    int64_t i = 0;
    w2v_status status = W2V_OK;
    int full = 0;
    for (; i < n && !full && status == W2V_OK; i++) {
        int32_t id = ids[i];
        if (id >= grams->n_words) {
            i = -1;
            break;
        }
        if (id >= 0 && connectors && grams->kinds[id] & W2V_CONNECTOR) {
            if (grams->left >= 0 && (grams->run = longer_run(grams, grams->run, id)) == W2V_NO_RUN)
                status = W2V_NO_MEMORY;
            continue;
        }
        /* Always written, kept if the gram is in this share: that is not predictable. */
        if (id >= 0 && grams->left >= 0) {
            w2v_gram gram = {grams->left, id, grams->run, 1};
            uint64_t hash = hash_of(grams, &gram);
            grams->pending[grams->n_pending] = gram;
            grams->hashes[grams->n_pending] = hash;
            grams->n_pending += (hash >> 32) - grams->first < grams->share;
            if (grams->n_pending == W2V_GRAM_BATCH)
                status = insert_pending(grams, &full);
        }
        grams->left = id < 0 ? -1 : id;
        grams->run = 0;
    }
    *taken = full && i == n ? n - 1 : i;
    return status;
}

w2v_status w2v_grams_scan(w2v_grams *grams, const int32_t *ids, int64_t n, int64_t *taken)
{
    return grams->has_connectors ? scan(grams, ids, n, taken, 1) : scan(grams, ids, n, taken, 0);
}

/* --- results --------------------------------------------------------------------------------------------- */

static int kinds_of(const w2v_grams *grams, const w2v_gram *gram)
{
    if (gram->run == W2V_NO_RUN)
        return W2V_SPELLED;
    return grams->kinds[gram->left] | grams->kinds[gram->right] | grams->runs.runs[gram->run].kinds;
}

static int64_t spell_word(const w2v_spelling *spelling, int32_t word, uint8_t *end)
{
    int64_t length = spelling->offsets[word + 1] - spelling->offsets[word];
    if (end != NULL)
        memcpy(end - length, spelling->blob + spelling->offsets[word], (size_t)length);
    return length;
}

static int64_t spell_separator(const w2v_spelling *spelling, uint8_t *end)
{
    if (end != NULL && spelling->n_separator > 0)
        memcpy(end - spelling->n_separator, spelling->separator, (size_t)spelling->n_separator);
    return spelling->n_separator;
}

/* Number of bytes of the joined gram. They are written backwards from `end` unless that is NULL. */
static int64_t spell(const w2v_grams *grams, const w2v_gram *gram, uint8_t *end)
{
    const w2v_spelling *spelling = grams->spelling;
    int64_t n = 0;
#define BACK (end == NULL ? NULL : end - n)
    if (gram->run != W2V_NO_RUN) {
        n += spell_word(spelling, gram->right, BACK);
        n += spell_separator(spelling, BACK);
        for (uint32_t run = gram->run; run != 0; run = grams->runs.runs[run].parent) {
            n += spell_word(spelling, grams->runs.runs[run].word, BACK);
            n += spell_separator(spelling, BACK);
        }
    }
    n += spell_word(spelling, gram->left, BACK);
#undef BACK
    return n;
}

static w2v_status same_spelling(const w2v_grams *grams, const w2v_gram *a, const w2v_gram *b, int *same)
{
    int64_t length = spell(grams, a, NULL);
    *same = 0;
    if (spell(grams, b, NULL) != length)
        return W2V_OK;
    uint8_t *both = malloc(2 * (size_t)length);
    if (both == NULL)
        return W2V_NO_MEMORY;
    spell(grams, a, both + length);
    spell(grams, b, both + 2 * length);
    *same = memcmp(both, both + length, (size_t)length) == 0;
    free(both);
    return W2V_OK;
}

/* Add up a gram that contains the separator and the others of the same spelling, which are in the same run of slots. At
 * most one of them has no separator in its words. *again: the spelling is already counted with another slot. */
static w2v_status bring_together(w2v_grams *grams, uint64_t own, int *again)
{
    uint64_t mask = ((uint64_t)1 << grams->log2_slots) - 1, hash = hash_of(grams, &grams->slots[own]);
    int passed = 0, same;
    *again = 0;
    for (uint64_t at = hash & mask; grams->slots[at].count != 0; at = (at + 1) & mask) {
        const w2v_gram *other = &grams->slots[at];
        if (at == own) {
            passed = 1;
            continue;
        }
        if (hash_of(grams, other) != hash)
            continue;
        w2v_status status = same_spelling(grams, &grams->slots[own], other, &same);
        if (status != W2V_OK)
            return status;
        if (!same)
            continue;
        int plain = (kinds_of(grams, other) & W2V_SPELLED) == 0; /* it is not looked at by itself */
        grams->extra[at] += total_of(grams, &grams->slots[own]);
        grams->extra[own] += plain ? total_of(grams, other) : 0;
        *again |= plain || !passed;
    }
    return W2V_OK;
}

w2v_status w2v_grams_finish(w2v_grams *grams, int64_t *n_distinct, int *full)
{
    int again;
    w2v_status status = insert_pending(grams, full);
    *n_distinct = grams->n;
    if (status != W2V_OK || *full || grams->spelling == NULL)
        return status;
    grams->extra = calloc((size_t)1 << grams->log2_slots, sizeof *grams->extra);
    if (grams->extra == NULL)
        return W2V_NO_MEMORY;
    for (int64_t i = 0; i < (int64_t)1 << grams->log2_slots; i++) {
        if (grams->slots[i].count == 0 || (kinds_of(grams, &grams->slots[i]) & W2V_SPELLED) == 0)
            continue;
        if ((status = bring_together(grams, (uint64_t)i, &again)) != W2V_OK)
            return status;
        *n_distinct -= again;
    }
    return W2V_OK;
}

int64_t w2v_grams_export(const w2v_grams *grams, int64_t least, int32_t *lefts, uint32_t *runs, int32_t *rights,
                         int64_t *counts)
{
    int64_t n = 0;
    for (int64_t i = 0; i < (int64_t)1 << grams->log2_slots; i++) {
        const w2v_gram *slot = &grams->slots[i];
        if (slot->count == 0)
            continue;
        int64_t count = total_of(grams, slot) + (grams->extra == NULL ? 0 : grams->extra[i]);
        if (count < least && slot->run != W2V_NO_RUN)
            continue;
        if (lefts != NULL) {
            lefts[n] = slot->left;
            runs[n] = slot->run;
            rights[n] = slot->right;
            counts[n] = count;
        }
        n++;
    }
    return n;
}
