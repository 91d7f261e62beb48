/* The windows of one centre, or of two neighbouring centres of one line, as positions in a block of text.
 *
 * Both windows of a pair have the same size, so they contain nearly the same words: all from the first word of the
 * second window to the last word of the first window, except the centres. In addition each window contains the other
 * centre and, unless the line ends there, one more word. */
#ifndef W2V_WINDOW_H
#define W2V_WINDOW_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    int centre, low, high;         /* the (first) centre; first and last word of its window, or the centre itself */
    int next, next_low, next_high; /* the same of the second centre; equal to the first if there is only one */
} w2v_reach;

static inline int w2v_min(int a, int b) { return a < b ? a : b; }
static inline int w2v_max(int a, int b) { return a > b ? a : b; }

/* Windows of up to `left` and `right` words for n_centres (1 or 2) centres from position i on, in a line from `begin`
 * to `last`. */
static inline w2v_reach w2v_reach_of(int i, int n_centres, int left, int right, int begin, int last)
{
    const int j = i + n_centres - 1;
    return (w2v_reach){i, w2v_max(i - left, begin), w2v_min(i + right, last),
                       j, w2v_max(j - left, begin), w2v_min(j + right, last)};
}

/* A size from 1 to `most` (0 if that is 0) that is at least d with probability 1 / d, from 32 random bits: a word at
 * distance d then is a context with probability 1 / d, as pairs count in GloVe (Pennington et al. 2014, section 4.2). */
static inline int w2v_harmonic_size(uint32_t bits, int most)
{
    const uint64_t size = (UINT64_C(1) << 32) / ((uint64_t)bits + 1);
    return size < (uint64_t)most ? (int)size : most;
}

/* Words of a line that is one window: w2v_mark_kinds counts positions in 16 bits. */
#define W2V_LONGEST_LINE 30000

#define W2V_KINDS_SLACK 15

/* The kind of each word from `low` to `next_high`: bit 0 if it is a context of the first centre, bit 1 of the second.
 * Writes up to W2V_KINDS_SLACK more. */
static inline void w2v_mark_kinds(uint8_t *kinds, const w2v_reach *r)
{
    const int n = r->next_high - r->low + 1;
    const int16_t a = (int16_t)(r->centre - r->low), a_high = (int16_t)(r->high - r->low);
    const int16_t b = (int16_t)(r->next - r->low), b_low = (int16_t)(r->centre < r->next ? r->next_low - r->low : n);
    for (int start = 0; start < n; start += 16) {
        for (int k = 0; k < 16; k++) { /* constant length and 16-bit integers: one vector */
            const int16_t at = (int16_t)(start + k);
            kinds[start + k] = (uint8_t)((at <= a_high && at != a) | (at >= b_low && at < (int16_t)n && at != b) << 1);
        }
    }
}

#define W2V_SORT_SLACK 8

/* to[k] = from[k] for k < n; reads and writes up to 8 more. */
static inline void w2v_copy_some(char *to, const char *from, size_t size, int n)
{
    int k = 0;
    do /* groups of constant length avoid unpredictable branches */
        memcpy(to + (size_t)k * size, from + (size_t)k * size, 8 * size);
    while ((k += 8) < n);
}

/* Copy the elements of the contexts, `size` bytes each, in the order: n[0] contexts of both centres, n[1] of the first
 * alone, n[2] of the second alone. With one centre all of them count in n[0]. Reads and writes up to W2V_SORT_SLACK
 * more elements. */
static inline void w2v_sort_contexts(const w2v_reach *r, size_t size, const void *elements, void *sorted, int n[3])
{
    const char *const from = (const char *)elements;
    char *to = (char *)sorted;
    const int before = w2v_max(w2v_min(r->centre, r->high + 1) - r->next_low, 0);
    const int behind = w2v_max(r->high - w2v_max(r->next_low - 1, r->next), 0);
    w2v_copy_some(to, from + (ptrdiff_t)r->next_low * (ptrdiff_t)size, size, before);
    to += (size_t)before * size;
    w2v_copy_some(to, from + (ptrdiff_t)(r->high - behind + 1) * (ptrdiff_t)size, size, behind);
    to += (size_t)behind * size;
    n[0] = before + behind;
    n[1] = n[2] = 0;
    if (r->centre == r->next)
        return;
    const int places[4] = {r->low, r->next, r->centre, r->next_high};
    const int first = w2v_min(r->next_low, r->centre), last = w2v_max(r->high, r->next);
    const int present[4] = {(r->low < first), (r->high >= r->next), (r->next_low <= r->centre), (r->next_high > last)};
    for (int k = 0; k < 4; k++) { /* one that is absent is overwritten by the next */
        memcpy(to, from + (ptrdiff_t)places[k] * (ptrdiff_t)size, size);
        to += present[k] ? size : 0;
    }
    n[1] = present[0] + present[1];
    n[2] = present[2] + present[3];
}

#endif
