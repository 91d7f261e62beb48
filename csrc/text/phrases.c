/* Joining phrases. The kind of a word tells whether it begins or ends any phrase; only then is a phrase looked up. */
#include "text/phrases.h"

#include <stdlib.h>

#include "text/lineweight.h"
#include "vectors/textfloat.h"

enum { FIRST_RUNS = 16 };

/* --- runs --------------------------------------------------------------------------------------------------------- */

static inline uint64_t run_key(uint32_t run, int32_t word) { return (uint64_t)run << 32 | ((uint32_t)word + 1); }

static inline uint64_t place_of(uint64_t key, int log2_slots)
{
    return key * 0x9E3779B97F4A7C15ull >> (64 - log2_slots);
}

static struct w2v_run_slot *run_slot(struct w2v_run_slot *slots, int log2_slots, uint64_t key)
{
    uint64_t mask = ((uint64_t)1 << log2_slots) - 1, at = place_of(key, log2_slots);
    while (slots[at].key != 0 && slots[at].key != key)
        at = (at + 1) & mask;
    return &slots[at];
}

w2v_status w2v_runs_init(w2v_runs *runs)
{
    memset(runs, 0, sizeof *runs);
    runs->capacity = FIRST_RUNS;
    runs->log2_slots = 5;
    runs->runs = calloc(FIRST_RUNS, sizeof *runs->runs);
    runs->slots = calloc((size_t)1 << runs->log2_slots, sizeof *runs->slots);
    if (runs->runs == NULL || runs->slots == NULL)
        return W2V_NO_MEMORY;
    runs->n = 1;
    runs->runs[0].power = 1;
    runs->runs[0].word = -1;
    return W2V_OK;
}

void w2v_runs_free(w2v_runs *runs)
{
    free(runs->runs);
    free(runs->slots);
}

uint32_t w2v_runs_find(const w2v_runs *runs, uint32_t run, int32_t word)
{
    if (run == W2V_NO_RUN)
        return W2V_NO_RUN;
    const struct w2v_run_slot *slot = run_slot(runs->slots, runs->log2_slots, run_key(run, word));
    return slot->key == 0 ? W2V_NO_RUN : slot->run;
}

static w2v_status grow(w2v_runs *runs)
{ /* the slots are half full when the runs are full */
    w2v_run *more = realloc(runs->runs, 2 * (size_t)runs->capacity * sizeof *more);
    if (more == NULL)
        return W2V_NO_MEMORY;
    runs->runs = more;
    struct w2v_run_slot *slots = calloc((size_t)2 << runs->log2_slots, sizeof *slots);
    if (slots == NULL)
        return W2V_NO_MEMORY;
    for (int64_t i = 0; i < (int64_t)1 << runs->log2_slots; i++)
        if (runs->slots[i].key != 0)
            *run_slot(slots, runs->log2_slots + 1, runs->slots[i].key) = runs->slots[i];
    free(runs->slots);
    runs->slots = slots;
    runs->log2_slots++;
    runs->capacity *= 2;
    return W2V_OK;
}

uint32_t w2v_runs_add(w2v_runs *runs, uint32_t run, int32_t word)
{
    uint32_t known = w2v_runs_find(runs, run, word);
    if (known != W2V_NO_RUN)
        return known;
    if (runs->n == (int64_t)W2V_NO_RUN || (runs->n == runs->capacity && grow(runs) != W2V_OK))
        return W2V_NO_RUN;
    uint32_t made = (uint32_t)runs->n++;
    memset(&runs->runs[made], 0, sizeof *runs->runs);
    runs->runs[made].parent = run;
    runs->runs[made].word = word;
    *run_slot(runs->slots, runs->log2_slots, run_key(run, word)) = (struct w2v_run_slot){run_key(run, word), made};
    return made;
}

/* --- the phrases -------------------------------------------------------------------------------------------------- */

static w2v_phrase *find(const w2v_joiner *joiner, int32_t left, uint32_t run, int32_t right)
{
    uint64_t mask = ((uint64_t)1 << joiner->log2_slots) - 1;
    uint64_t key = ((uint64_t)(uint32_t)left << 32 | (uint32_t)right) + run * 0xD6E8FEB86659FD93ull;
    for (uint64_t at = place_of(key ^ key >> 32, joiner->log2_slots);; at = (at + 1) & mask) {
        w2v_phrase *slot = &joiner->slots[at];
        if (slot->number < 0 || (slot->left == left && slot->right == right && slot->run == run))
            return slot;
    }
}

/* Number of the phrase, or -1. */
static inline int32_t phrase_of(const w2v_joiner *joiner, int32_t left, uint32_t run, int32_t right)
{
    if (!(joiner->kinds[left] & W2V_BEGINS) || !(joiner->kinds[right] & W2V_ENDS) || run == W2V_NO_RUN)
        return -1;
    return find(joiner, left, run, right)->number;
}

static w2v_status fill(w2v_joiner *joiner, const int32_t *words, const int64_t *offsets, int64_t n_phrases)
{
    for (int64_t k = 0; k < n_phrases; k++) {
        int32_t left = words[offsets[k]], right = words[offsets[k + 1] - 1];
        uint32_t run = 0;
        for (int64_t i = offsets[k] + 1; i < offsets[k + 1] - 1; i++)
            if ((run = w2v_runs_add(&joiner->runs, run, words[i])) == W2V_NO_RUN)
                return W2V_NO_MEMORY;
        joiner->kinds[left] |= W2V_BEGINS;
        joiner->kinds[right] |= W2V_ENDS;
        *find(joiner, left, run, right) = (w2v_phrase){left, right, run, (int32_t)k};
    }
    return W2V_OK;
}

w2v_joiner *w2v_joiner_new(const uint8_t *kinds, int64_t n_words, const int32_t *words, const int64_t *offsets,
                           const int32_t *joined, int64_t n_phrases)
{
    w2v_joiner *joiner = calloc(1, sizeof *joiner);
    if (joiner == NULL)
        return NULL;
    for (joiner->log2_slots = 4; (int64_t)1 << joiner->log2_slots < 2 * n_phrases; joiner->log2_slots++)
        ;
    size_t n_slots = (size_t)1 << joiner->log2_slots;
    joiner->n_words = n_words;
    joiner->joined = joined;
    joiner->kinds = malloc((size_t)(n_words > 0 ? n_words : 1));
    joiner->slots = malloc(n_slots * sizeof *joiner->slots);
    if (w2v_runs_init(&joiner->runs) == W2V_OK && joiner->kinds != NULL && joiner->slots != NULL) {
        memset(joiner->slots, 0xFF, n_slots * sizeof *joiner->slots);
        if (n_words > 0)
            memcpy(joiner->kinds, kinds, (size_t)n_words);
        if (fill(joiner, words, offsets, n_phrases) == W2V_OK)
            return joiner;
    }
    w2v_joiner_free(joiner);
    return NULL;
}

void w2v_joiner_free(w2v_joiner *joiner)
{
    free(joiner->kinds);
    free(joiner->slots);
    w2v_runs_free(&joiner->runs);
    free(joiner);
}

/* --- the text ----------------------------------------------------------------------------------------------------- */

static inline int is_connector(const w2v_joiner *joiner, int32_t id)
{
    return id >= 0 && id < joiner->n_words && joiner->kinds[id] & W2V_CONNECTOR;
}

int64_t w2v_joiner_cut(const w2v_joiner *joiner, const int32_t *ids, int64_t n, int64_t at)
{
    int64_t before = at;
    while (before > 0 && is_connector(joiner, ids[before - 1]))
        before--;
    int32_t left = before > 0 && ids[before - 1] < joiner->n_words ? ids[before - 1] : -1;
    uint32_t run = 0;
    for (int64_t i = before; i < n; i++) {
        if (is_connector(joiner, ids[i])) {
            run = w2v_runs_find(&joiner->runs, run, ids[i]);
            continue;
        }
        /* A word that cannot end a phrase starts a new one, whether or not the word before it was joined. */
        int is_word = ids[i] >= 0 && ids[i] < joiner->n_words;
        if (i >= at && is_word && (left < 0 || phrase_of(joiner, left, run, ids[i]) < 0))
            return i;
        left = is_word ? ids[i] : -1;
        run = 0;
    }
    return n;
}

int64_t w2v_joiner_apply(const w2v_joiner *joiner, const int32_t *ids, int64_t n, int32_t *out, int64_t *occurrences)
{
    const uint8_t *kinds = joiner->kinds;
    int64_t written = 0, start = -1; /* position of the word that may begin a phrase, or -1 */
    int32_t left = -1;
    uint32_t run = 0;
    for (int64_t i = 0; i < n; i++) {
        int32_t id = ids[i];
        if (id >= joiner->n_words)
            return -1;
        if (id >= 0 && kinds[id] & W2V_CONNECTOR) {
            if (start < 0)
                out[written++] = id;
            else
                run = w2v_runs_find(&joiner->runs, run, id);
            continue;
        }
        if (start >= 0) {
            int32_t number = id < 0 ? -1 : phrase_of(joiner, left, run, id);
            if (number >= 0) {
                out[written++] = joiner->joined[number];
                occurrences[number]++;
                start = -1;
                continue;
            }
            out[written++] = left;
            for (int64_t k = start + 1; k < i; k++)
                out[written++] = ids[k];
        }
        start = id < 0 ? -1 : i;
        left = id;
        run = 0;
        if (id < 0)
            out[written++] = id;
    }
    for (; start >= 0 && start < n; start++)
        out[written++] = ids[start];
    return written;
}

/* Number of bytes of a weight and a blank. They are written to `out` unless that is NULL. */
static int64_t render_weight(int32_t entry, uint8_t *out)
{
    char text[W2V_FLOAT_CHARS];
    size_t length = w2v_float_write(w2v_weight_of(entry), text);
    if (out != NULL) {
        memcpy(out, text, length);
        out[length] = ' ';
    }
    return (int64_t)length + 1;
}

int64_t w2v_render(const int32_t *ids, int64_t begin, int64_t end, int64_t n, const uint8_t *blob,
                   const int64_t *offsets, uint8_t *out)
{
    int64_t size = 0;
    for (int64_t i = begin; i < end; i++) {
        if (ids[i] < 0) {
            if (ids[i] <= W2V_LARGEST_WEIGHT && i + 1 < n && ids[i + 1] >= 0)
                size += render_weight(ids[i], out == NULL ? NULL : out + size);
            continue;
        }
        int64_t first = offsets[ids[i]], length = offsets[ids[i] + 1] - first;
        if (out != NULL) {
            memcpy(out + size, blob + first, (size_t)length);
            out[size + length] = i + 1 < n && ids[i + 1] < 0 ? '\n' : ' ';
        }
        size += length + 1;
    }
    return size;
}
