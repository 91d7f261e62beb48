/* The n-grams of a word's letters, hashed as fastText does it (Bojanowski et al. 2017; src/dictionary.cc, computeSubwords
 * and hash): FNV-1a over bytes that are extended with their sign, in UTF-8. */
#ifndef W2V_NGRAMS_H
#define W2V_NGRAMS_H

#include <stdint.h>

/* The n-grams of minn to maxn letters that begin at byte `begin` of `word`, which has its marks `<` and `>` and `size`
 * bytes. Of one letter, the marks are none. Writes their buckets, below `buckets`, to `out`, unless that is NULL; there
 * are no more than size - begin. Returns their number, 0 inside of a letter. */
static inline int64_t w2v_ngrams_at(const unsigned char *word, int64_t size, int64_t begin, int minn, int maxn,
                                    uint32_t buckets, uint32_t *out)
{
    uint32_t hash = 2166136261u;
    int64_t end = begin, found = 0;
    if ((word[begin] & 0xc0) == 0x80)
        return 0;
    for (int n = 1; n <= maxn && end < size; n++) {
        do
            hash = (hash ^ (uint32_t)(int32_t)(int8_t)word[end++]) * 16777619u;
        while (end < size && (word[end] & 0xc0) == 0x80);
        if (n < minn || (n == 1 && (begin == 0 || end == size)))
            continue;
        if (out)
            out[found] = hash % buckets;
        found++;
    }
    return found;
}

#endif
