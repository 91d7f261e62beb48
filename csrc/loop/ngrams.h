/* The n-grams of a word's letters, hashed as in fastText (Bojanowski et al. 2017; src/dictionary.cc, computeSubwords
 * and hash): FNV-1a over the UTF-8 bytes, each sign-extended. */
#ifndef W2V_NGRAMS_H
#define W2V_NGRAMS_H

#include <stdint.h>
#include <string.h>

/* The n-grams of the words of a vocabulary, as buckets. */
typedef struct {
    int64_t *offsets; /* (n_words + 1): where each word's n-grams begin */
    uint32_t *buckets;
    int64_t n_words;
} w2v_ngrams;

/* Write the buckets of the n-grams of minn to maxn letters that begin at byte `begin` of `word`, which includes the
 * marks `<` and `>` and has `size` bytes. A single mark is not an n-gram. `out` may be NULL; at most size - begin
 * buckets are written. Returns their number, 0 inside a letter. */
static inline int64_t w2v_ngrams_at(const unsigned char *word, int64_t size, int64_t begin, int minn, int maxn,
                                    uint32_t buckets, uint32_t *out)
{
    uint32_t hash = 2166136261u;
    int64_t end = begin, found = 0;
    if ((word[begin] & 0xc0) == 0x80)
        return 0;
    for (int n = 1; n <= maxn && end < size; n++) {
        do {
            const int32_t letter = (int8_t)word[end++];
            hash = (hash ^ (uint32_t)letter) * 16777619u;
        } while (end < size && (word[end] & 0xc0) == 0x80);
        if (n < minn || (n == 1 && (begin == 0 || end == size)))
            continue;
        if (out)
            out[found] = hash % buckets;
        found++;
    }
    return found;
}

/* Write the buckets of all n-grams of a word of `size` bytes without its marks; `</s>` has none. `marked` has room for
 * size + 2 bytes; `out` may be NULL. Returns their number. */
static inline int64_t w2v_ngrams_of(const unsigned char *word, int64_t size, int minn, int maxn, uint32_t buckets,
                                    unsigned char *marked, uint32_t *out)
{
    int64_t found = 0;
    if (size == 4 && memcmp(word, "</s>", 4) == 0)
        return 0;
    marked[0] = '<';
    memcpy(marked + 1, word, (size_t)size);
    marked[size + 1] = '>';
    for (int64_t begin = 0; begin < size + 2; begin++)
        found += w2v_ngrams_at(marked, size + 2, begin, minn, maxn, buckets, out ? out + found : NULL);
    return found;
}

#endif
