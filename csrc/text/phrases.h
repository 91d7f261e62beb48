/* Phrases in encoded text: counting which words are neighbours (grams.c), and joining the chosen ones (phrases.c).
 *
 * A gram is a word, a run of connector words (usually empty), and a word: "new york", "bank of america". Ids are those
 * of text/tokenizer.h: words from 0; negative entries are line ends and weights of lines, which no gram crosses.
 *
 * Counting takes no lock: each counter keeps the grams whose hash is in its share of all hashes and skips the others.
 * So any number of counters may read the same ids at once, and a table that grows too large is replaced by two with
 * half the share each. Counts are exact for any shares.
 */
#ifndef W2V_PHRASES_H
#define W2V_PHRASES_H

#include "text/wordtable.h"

/* Bits of a word's kind. */
#define W2V_CONNECTOR 1
#define W2V_SPELLED 2 /* contains a byte of the separator, so another gram may have the same spelling when joined */
#define W2V_BEGINS 4  /* a phrase begins, or ends, with the word; set by w2v_joiner_new */
#define W2V_ENDS 8

#define W2V_NO_RUN UINT32_MAX /* also the run of an entry that is a single word */

/* --- runs of connector words: a trie ------------------------------------------------------------------------------ */

typedef struct w2v_run {
    uint32_t parent;
    int32_t word;         /* the last word of the run */
    uint64_t hash, power; /* of the spelling, as in w2v_spelling; a separator before each word */
    int kinds;            /* of its words together */
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

/* The run `run` followed by `word`; W2V_NO_RUN if it is not known or `run` is W2V_NO_RUN. */
uint32_t w2v_runs_find(const w2v_runs *runs, uint32_t run, int32_t word);

/* The same, added if it is not known; W2V_NO_RUN if there is no memory. */
uint32_t w2v_runs_add(w2v_runs *runs, uint32_t run, int32_t word);

/* --- counting ----------------------------------------------------------------------------------------------------- */

/* Spelling of words, for texts in which different grams may look the same when joined ("new_york city", "new
 * york_city", "new_york_city"). They are then counted together, as in word2phrase.c and gensim, which count by
 * spelling. Made once, read by all counters. The hash of bytes b_1 .. b_n is the sum of (b_i + 1) B^(n-i) mod 2^64, its
 * power is B^n. */
typedef struct w2v_spelling {
    const uint8_t *blob;    /* of all words, concatenated */
    const int64_t *offsets; /* [n_words + 1] */
    const uint8_t *separator;
    int64_t n_separator;
    uint64_t *hashes, *powers; /* [n_words] */
    uint64_t separator_hash, separator_power;
} w2v_spelling;

/* Fill `hashes` and `powers` (n_words entries each, owned by the caller) and those of the separator. */
void w2v_spelling_init(w2v_spelling *spelling, int64_t n_words);

typedef struct w2v_gram {
    int32_t left, right;
    uint32_t run, count; /* count 0: an empty slot */
} w2v_gram;

enum { W2V_GRAM_BATCH = 64 }; /* grams whose slots are prefetched together */

typedef struct w2v_grams {
    const uint8_t *kinds; /* [n_words] */
    int64_t n_words;
    int has_connectors;
    uint64_t first, share;        /* of the upper 32 bits of a hash: first .. first + share - 1 */
    const w2v_spelling *spelling; /* NULL if no two grams are spelled alike */
    w2v_gram *slots;
    int log2_slots, max_log2_slots;
    int64_t n;
    w2v_runs runs; /* in the order of the text, so that all counters give them the same numbers */
    int32_t left;  /* first word of the gram that is open between two calls, or -1 */
    uint32_t run;
    w2v_gram *wrapped; /* an entry for each 2^32 - 1 occurrences of a gram that its count lacks */
    int64_t n_wrapped;
    int64_t *extra; /* by slot: occurrences of other grams with the same spelling; or NULL */
    int64_t n_pending;
    w2v_gram pending[W2V_GRAM_BATCH + 1];
    uint64_t hashes[W2V_GRAM_BATCH + 1];
} w2v_grams;

/* A counter with at most 2^max_log2_slots slots of 16 bytes (24 with a spelling), and half as many more while it grows.
 * Free it in any case. */
w2v_status w2v_grams_init(w2v_grams *grams, const uint8_t *kinds, int64_t n_words, uint64_t first, uint64_t share,
                          int max_log2_slots, const w2v_spelling *spelling);
void w2v_grams_free(w2v_grams *grams);

/* Count a single word `count` times; for words of kind W2V_SPELLED if there is a spelling, before the first scan.
 * *full: there is no room, and the counter must be discarded. */
w2v_status w2v_grams_add_word(w2v_grams *grams, int32_t word, int64_t count, int *full);

/* Count the grams of the next ids; a line may continue in the next call. *taken < n with status W2V_OK: there is no
 * room, and the counter must be discarded. *taken = -1: an id is not a word. */
w2v_status w2v_grams_scan(w2v_grams *grams, const int32_t *ids, int64_t n, int64_t *taken);

/* After the last ids: count the pending grams and add up equal spellings. *n_distinct: number of spellings. */
w2v_status w2v_grams_finish(w2v_grams *grams, int64_t *n_distinct, int *full);

/* After w2v_grams_finish: the grams that occur at least `least` times, in no particular order, and single words (run
 * W2V_NO_RUN, right -1) with any count. Returns their number and writes them unless `lefts` is NULL. */
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
    const int32_t *joined; /* [n_phrases]: the id of each phrase; owned by the caller, must outlive the joiner */
    w2v_phrase *slots;
    int log2_slots;
    w2v_runs runs;
} w2v_joiner;

/* Phrase k is words[offsets[k] .. offsets[k + 1]): at least two words with ids below n_words; all but the first and the
 * last are of kind W2V_CONNECTOR. `kinds` (n_words) is copied. Returns NULL if there is no memory. */
w2v_joiner *w2v_joiner_new(const uint8_t *kinds, int64_t n_words, const int32_t *words, const int64_t *offsets,
                           const int32_t *joined, int64_t n_phrases);
void w2v_joiner_free(w2v_joiner *joiner);

/* The first position from `at` on where the ids may be cut, so that the joins on either side do not depend on the other
 * side; n if there is none. Any number of threads may use a joiner at once. */
int64_t w2v_joiner_cut(const w2v_joiner *joiner, const int32_t *ids, int64_t n, int64_t at);

/* Write the ids to `out` (which may be `ids`) with phrases joined from left to right, each as soon as it is complete.
 * occurrences[k] is incremented with each join of phrase k. Returns the number of ids written, or -1 if one is not a
 * word. */
int64_t w2v_joiner_apply(const w2v_joiner *joiner, const int32_t *ids, int64_t n, int32_t *out, int64_t *occurrences);

/* ids[begin .. end) of n as text: each word is followed by a blank, or by a newline at the end of its line; the weight
 * of a line and a blank precede its words. Returns the number of bytes, which are written unless `out` is NULL. Every
 * id is one of the blob's words. */
int64_t w2v_render(const int32_t *ids, int64_t begin, int64_t end, int64_t n, const uint8_t *blob,
                   const int64_t *offsets, uint8_t *out);

#endif
