/* Random numbers: splitmix64 (Steele, Lea and Flood 2014, "Fast Splittable Pseudorandom Number Generators"). The state
 * is a counter, so the draws of a loop do not depend on each other, and a stream is one 64-bit number. */
#ifndef W2V_RNG_H
#define W2V_RNG_H

#include <stddef.h>
#include <stdint.h>

#define W2V_STREAM_STEP 0x9e3779b97f4a7c15u
#define W2V_MIX_FIRST 0xbf58476d1ce4e5b9u
#define W2V_MIX_SECOND 0x94d049bb133111ebu

static inline uint64_t w2v_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * W2V_MIX_FIRST;
    z = (z ^ (z >> 27)) * W2V_MIX_SECOND;
    return z ^ (z >> 31);
}

static inline uint64_t w2v_random(uint64_t *state) { return w2v_mix(*state += W2V_STREAM_STEP); }

/* 32 random bits scaled to 0 .. n-1; the relative bias of a value is at most n / 2^32. */
static inline uint32_t w2v_scale32(uint32_t bits, uint32_t n) { return (uint32_t)(((uint64_t)bits * n) >> 32); }

/* The start of the random stream of (seed, epoch, shard). */
static inline uint64_t w2v_stream(uint64_t seed, uint64_t epoch, uint64_t shard)
{
    return w2v_mix(w2v_mix(w2v_mix(seed + W2V_STREAM_STEP) + epoch) + shard);
}

/* row[i] uniform in [-0.5, 0.5) / n for i < n, from (seed, bytes of the word) alone: a word has the same initial vector
 * in any corpus. */
void w2v_init_row(float *row, int n, uint64_t seed, const unsigned char *word, int64_t length);

#endif
