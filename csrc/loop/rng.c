/* Initial vectors of words. */
#include "loop/rng.h"

void w2v_init_row(float *row, int n, uint64_t seed, const unsigned char *word, int64_t length)
{
    uint64_t state = w2v_mix(seed ^ 0x2545f4914f6cdd1du);
    for (int64_t i = 0; i < length; i++)
        state = (state ^ word[i]) * 0x100000001b3u; /* FNV-1a (Fowler, Noll and Vo), then mixed */
    state = w2v_mix(state ^ (uint64_t)length);
    for (int i = 0; i < n; i++)
        row[i] = (float)(((double)(w2v_random(&state) >> 11) * 0x1p-53 - 0.5) / n);
}
