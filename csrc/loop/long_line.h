/* Lines that are too long for all their pairs of words: each centre takes only some contexts from its line.
 *
 * With windows of whole lines and `contexts` of them for each centre, N in the following, a line of more than N + 1
 * words is long. Its words are subsampled first; n are kept. The other n - 1 words of a centre, taken as a circle, are
 * cut into N parts of equal length (up to one word) from a random word on, and one is drawn from each: stratified
 * sampling without replacement. Because of the random start each of the others is drawn with probability N / (n - 1),
 * so the pairs of a line have the same distribution as without sampling, but their number grows with n and not with its
 * square. If no more than N + 1 words are kept, all others are contexts.
 *
 * Every centre is written into the block as a separate text, followed by its contexts. */
#ifndef W2V_LONG_LINE_H
#define W2V_LONG_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "loop/arena.h"
#include "loop/block.h"
#include "loop/rng.h"
#include "loop/window.h"
#include "text/lineweight.h"

#define W2V_LONG_LINE_WORDS 1024 /* of a block, which has at least one centre: their rows stay in the cache */

typedef struct {
    int64_t begin, end; /* the ids of the next long line in the shard; both at its end if there is none */
    int contexts;       /* of a centre at most; 0 if windows are not sampled */
    int centres;        /* of a block */
    int32_t *words;     /* the n kept words */
    int64_t n;          /* -1 before they were read */
    int64_t n_read;     /* words of the line; `told` of them are in the tally of words that are done */
    int64_t done, told;
} w2v_long_line;

/* Words of a block with sampled contexts. */
static inline size_t w2v_long_line_block(int contexts)
{
    const size_t one = (size_t)contexts + 1;
    return contexts == 0 ? 0 : one > W2V_LONG_LINE_WORDS ? one : W2V_LONG_LINE_WORDS;
}

/* Allocate in `arena`, which the caller always frees, for lines of up to `longest` words. Returns 0 if there is no
 * memory. */
static inline int w2v_long_line_allocate(w2v_long_line *line, w2v_arena *arena, int contexts, int64_t longest)
{
    *line = (w2v_long_line){.contexts = contexts};
    *arena = (w2v_arena){NULL, NULL, 0};
    if (contexts == 0)
        return 1;
    line->centres = w2v_max(w2v_min(W2V_LONG_LINE_WORDS / (contexts + 1), W2V_BLOCK_CENTRES), 1);
    W2V_TAKE(arena, (size_t)longest + 1, int32_t);
    if (!w2v_arena_reserve(arena))
        return 0;
    line->words = W2V_TAKE(arena, (size_t)longest + 1, int32_t);
    return 1;
}

/* Find the next long line if `position` is at the end of the last one; whether `position` is in a long line. */
static inline int w2v_at_long_line(w2v_long_line *line, const int *ids, int64_t position, int64_t n_ids)
{
    if (position == line->end) {
        int64_t begin = position, words = 0, at = position;
        for (; at < n_ids; at++) {
            words += ids[at] >= 0;
            if (ids[at] == W2V_LINE_END) {
                if (words > line->contexts + 1) {
                    at++;
                    break;
                }
                begin = at + 1;
                words = 0;
            }
        }
        line->begin = words > line->contexts + 1 ? begin : n_ids;
        line->end = at;
        line->n = -1;
    }
    return position == line->begin && line->begin < line->end;
}

/* 0 .. n-1 from random bits. */
static inline int64_t w2v_draw_below(int64_t n, uint64_t *state)
{
    return w2v_scale32((uint32_t)(w2v_random(state) >> 32), (uint32_t)n);
}

/* Write the words of n_contexts different positions of the line, other than the centre's own. */
static inline void w2v_draw_contexts(const w2v_long_line *line, int64_t centre, int n_contexts, uint64_t *state,
                                     int *contexts)
{
    const int64_t n_others = line->n - 1, start = n_contexts ? w2v_draw_below(n_others, state) : 0;
    int64_t begin = 0;
    for (int k = 0; k < n_contexts; k++) {
        const int64_t end = (k + 1) * n_others / n_contexts;
        int64_t at = start + begin + w2v_draw_below(end - begin, state);
        at -= at >= n_others ? n_others : 0;
        contexts[k] = line->words[at + (at >= centre)];
        begin = end;
    }
}

/* Fill an empty block with the next centres of a line that was read, and draw their contexts. */
static inline void w2v_take_centres(w2v_block *block, w2v_long_line *line, uint64_t *state)
{
    const int64_t end = line->n - line->done > line->centres ? line->done + line->centres : line->n;
    const int64_t n_others = line->n - 1;
    const int contexts = n_others > line->contexts ? line->contexts : (int)w2v_max((int)n_others, 0);
    int n = 0;
    block->n_steps = 0;
    for (; line->done < end; line->done++) {
        block->steps[block->n_steps++] = (w2v_step){.first = n, .n_centres = 1};
        block->ids[n] = line->words[line->done];
        w2v_draw_contexts(line, line->done, contexts, state, block->ids + n + 1);
        block->line_begin[n] = n;
        block->line_end[n] = n + 1 + contexts;
        block->left[n] = 0;
        block->right[n] = contexts;
        block->weights[n] = block->line_weight;
        n += 1 + contexts;
    }
    block->n = block->ready = block->line = n;
    block->first = 0;
}

/* Words of the line that are done and not yet counted; each kept word counts for its share of all. */
static inline int64_t w2v_long_line_words(w2v_long_line *line)
{
    const int64_t before = line->told;
    line->told = line->done == line->n ? line->n_read : line->n_read * line->done / line->n;
    return line->told - before;
}

#endif
