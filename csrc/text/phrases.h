/* Phrases in encoded text: counting which words stand side by side (grams.c), and joining those that were chosen
 * (phrases.c).
 *
 * A gram is a word, a run of connector words (mostly none), and a word: "new york", "bank of america". Ids are those of
 * csrc/text/tokenizer.h: words from 0; no gram crosses a negative one, which is a line end or the weight of a line.
 *
 * Counting takes no lock: each counter keeps the grams whose hash lies in its own share of all hashes and passes over
 * the others, so any number of counters may read the same ids at once, and a table that would grow too large is left for
 * two of half the share. Counts are exact whatever the shares are.
 */
#ifndef W2V_PHRASES_H
#define W2V_PHRASES_H

#include "text/wordtable.h"

/* Bits of a word's kind. */
#define W2V_CONNECTOR 1
#define W2V_SPELLED 2 /* has a byte of the separator, so that another gram may have the same spelling when joined */
#define W2V_BEGINS 4  /* some phrase begins, or ends, with the word: set by w2v_joiner_new */
#define W2V_ENDS 8

#define W2V_NO_RUN UINT32_MAX /* also: the run of an entry that is a word by itself */

/* --- runs of connector words: a trie ------------------------------------------------------------------------------ */

typedef struct w2v_run {
    uint32_t parent;
    int32_t word;   /* the last word of the run */
    uint64_t hash, power; /* of the spelling, as in w2v_spelling; a separator before each word */
    int kinds;      /* of its words together */
} w2v_run;

typedef struct w2v_runs {
    w2v_run *runs; /* [n]; run 0 is the empty one */
    int64_t n, capacity;
    struct w2v_run_slot {
        uint64_t key; /* 0: empty */
        uint32_t run;
    } *slots;
    int log2_slots;
} w2v_runs;

w2v_status w2v_runs_init(w2v_runs *runs);
void w2v_runs_free(w2v_runs *runs);

/* The run that is `run` and then `word`, or W2V_NO_RUN if it is not known (or `run` is W2V_NO_RUN). */
uint32_t w2v_runs_find(const w2v_runs *runs, uint32_t run, int32_t word);

/* The same, made where it is not known; W2V_NO_RUN if there is no memory. */
uint32_t w2v_runs_add(w2v_runs *runs, uint32_t run, int32_t word);

/* --- counting ----------------------------------------------------------------------------------------------------- */

/* How words are spelled, for texts in which a joined gram may read as another one ("new_york city", "new york_city",
 * "new_york_city"): these then count together, as they do where counts stand by spelling (word2phrase.c, gensim).
 * Made once, read by all counters. The hash of bytes b_1 .. b_n is the sum of b_i B^(n-i) mod 2^64, its power B^n. */
typedef struct w2v_spelling {
    const uint8_t *blob; /* of all words, one after the other; */
    const int64_t *offsets; /* [n_words + 1] */
    const uint8_t *separator;
    int64_t n_separator;
    uint64_t *hashes, *powers; /* [n_words] */
    uint64_t separator_hash, separator_power;
} w2v_spelling;

/* Fill hashes and powers (room for n_words each, the caller's) and those of the separator. */
void w2v_spelling_init(w2v_spelling *spelling, int64_t n_words);

typedef struct w2v_gram {
    int32_t left, right;
    uint32_t run, count; /* count 0: an empty slot */
} w2v_gram;

enum { W2V_GRAM_BATCH = 64 }; /* grams whose slots are fetched together */

typedef struct w2v_grams {
    const uint8_t *kinds; /* [n_words] */
    int64_t n_words;
    int has_connectors;
    uint64_t first, share; /* of the upper 32 bits of a hash: first .. first + share - 1 */
    const w2v_spelling *spelling; /* NULL: no two grams are spelled alike */
    w2v_gram *slots;
    int log2_slots, max_log2_slots;
    int64_t n;
    w2v_runs runs; /* in the order of the text, so that all counters give them the same numbers */
    int32_t left;  /* the gram that is open between two calls; -1: none */
    uint32_t run;
    w2v_gram *wrapped; /* grams that were counted 2^32 - 1 times more than their count says, once for each time */
    int64_t n_wrapped;
    int64_t *extra; /* by slot: occurrences under another way to read the same spelling; NULL: none */
    int64_t n_pending;
    w2v_gram pending[W2V_GRAM_BATCH + 1];
    uint64_t hashes[W2V_GRAM_BATCH + 1];
} w2v_grams;

/* A counter with at most 2^max_log2_slots slots of 16 bytes (24 with a spelling), half as many again while it grows;
 * free it in any case. */
w2v_status w2v_grams_init(w2v_grams *grams, const uint8_t *kinds, int64_t n_words, uint64_t first, uint64_t share,
                          int max_log2_slots, const w2v_spelling *spelling);
void w2v_grams_free(w2v_grams *grams);

/* Count a word by itself, `count` times: with a spelling those of kind W2V_SPELLED, before the first scan. *full: it
 * found no room, and the counter is of no more use. */
w2v_status w2v_grams_add_word(w2v_grams *grams, int32_t word, int64_t count, int *full);

/* Count the grams of the next ids; a line may go on in the next call. *taken < n: no room (and no more use) if the
 * status is W2V_OK; -1: an id that is no word. */
w2v_status w2v_grams_scan(w2v_grams *grams, const int32_t *ids, int64_t n, int64_t *taken);

/* After the last ids: what is still pending is counted, and spellings are brought together. *n_distinct: spellings. */
w2v_status w2v_grams_finish(w2v_grams *grams, int64_t *n_distinct, int *full);

/* After that: the grams that occur `least` times or more, in no special order, and words by themselves (run W2V_NO_RUN,
 * right -1) of any count. Returns how many; writes them where `lefts` is not NULL. */
int64_t w2v_grams_export(const w2v_grams *grams, int64_t least, int32_t *lefts, uint32_t *runs, int32_t *rights,
                         int64_t *counts);

/* --- joining ------------------------------------------------------------------------------------------------------ */

typedef struct w2v_phrase {
    int32_t left, right;
    uint32_t run;
    int32_t number; /* -1: an empty slot */
} w2v_phrase;

typedef struct w2v_joiner {
    uint8_t *kinds; /* [n_words] */
    int64_t n_words;
    const int32_t *joined; /* [n_phrases]: the id that stands for each; the caller's, as long as the joiner */
    w2v_phrase *slots;
    int log2_slots;
    w2v_runs runs;
} w2v_joiner;

/* Phrase k is words[offsets[k] .. offsets[k + 1]): two words at least, with ids below n_words, all but the first and the
 * last of kind W2V_CONNECTOR. `kinds` (n_words) are copied. NULL if there is no memory. */
w2v_joiner *w2v_joiner_new(const uint8_t *kinds, int64_t n_words, const int32_t *words, const int64_t *offsets,
                           const int32_t *joined, int64_t n_phrases);
void w2v_joiner_free(w2v_joiner *joiner);

/* The first place from `at` on at which the ids may be cut: what is joined on either side does not depend on the other.
 * n if there is none. Any number of threads may use a joiner at once. */
int64_t w2v_joiner_cut(const w2v_joiner *joiner, const int32_t *ids, int64_t n, int64_t at);

/* Write the ids to `out` (which may be `ids`) with phrases joined, from the left, each as soon as it is complete.
 * occurrences[k] goes up with each join of phrase k. Returns the number of ids written, or -1 if one is no word. */
int64_t w2v_joiner_apply(const w2v_joiner *joiner, const int32_t *ids, int64_t n, int32_t *out, int64_t *occurrences);

/* ids[begin .. end) of n as text: a blank after each word, or the newline where its line ends; the weight of a line and
 * a blank before its words. Returns the number of bytes, written where `out` is not NULL; every id is one of the blob's
 * words. */
int64_t w2v_render(const int32_t *ids, int64_t begin, int64_t end, int64_t n, const uint8_t *blob,
                   const int64_t *offsets, uint8_t *out);

#endif
