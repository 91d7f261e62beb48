/* A block of the text as one thread works on it: kept words, planned steps, and all buffers of the thread.
 *
 * The kept words are in the order of the text. Positions [0, first) are only context for later words, [first, ready)
 * are centres whose context is complete, and [ready, n) wait for the rest of their line. */
#ifndef W2V_BLOCK_H
#define W2V_BLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kernels/kernels.h"
#include "kernels/patterns.h"
#include "loop/arena.h"
#include "loop/cbow.h"
#include "loop/compose.h"
#include "loop/copies.h"
#include "loop/private.h"
#include "loop/scratch.h"
#include "loop/tree.h"
#include "loop/window.h"

enum {
    W2V_BLOCK_CENTRES = 256, /* centres planned at once: their addresses stay in the first-level cache */
    W2V_INPUTS_AHEAD = 2,    /* input rows prefetched by a step */
    W2V_STEPS_AHEAD = 2      /* steps between the prefetch of a row and its use */
};

/* One centre, or two neighbours that share their negatives. */
typedef struct {
    int first; /* position of the (first) centre */
    int n_centres;
    int n_outputs; /* nodes of the tree, then centres and negatives */
} w2v_step;

typedef struct {
    /* The text. One entry for each of the n words, unless stated otherwise. */
    int n, first, ready;
    int line;          /* where the current line begins */
    float line_weight; /* its weight */
    int *ids;
    int *line_begin; /* where the word's line begins, or the block if that is later */
    int *line_end;   /* one past the last word of the line that has been read */
    int *left;       /* size of the window on either side, drawn for each centre */
    int *right;
    float *weights; /* of the words' lines */

    /* Where the words' input rows are. */
    float **rows;
    float *masses;  /* number of rows that the input row is the mean of */
    int *frozen_at; /* place in `scratch` of the copy of a frozen word, or -1 */
    w2v_scratch scratch;
    w2v_composer composer;
    w2v_private inputs, outputs, nodes;
    float *input_curvature, *output_curvature; /* of a worker of a round; else NULL */

    /* The plan: n_steps steps, and for each of them max_outputs entries of `drawn` and W2V_INPUTS_AHEAD + max_outputs
     * of `targets`. */
    int n_steps, max_outputs;
    w2v_step *steps;
    int32_t *drawn;        /* centres, then negatives */
    const float **targets; /* input rows to prefetch, then the output rows */

    /* The current step. */
    w2v_reach reach;
    w2v_window window;  /* what the kernel reads */
    float **contexts;   /* rows of the contexts, where they are not contiguous in `rows` */
    uint8_t *kinds;     /* of the contexts of two centres */
    uint8_t *ones;      /* of the contexts of one centre */
    float *patterns[2]; /* of steps with one centre and with two */
    float *scores;      /* for the loss */
    float *squares;     /* of g: of the max_contexts inputs, then of the outputs */
    size_t max_contexts;
    w2v_hidden hidden;
} w2v_block;

/* What the buffers depend on. A matrix is given by its rows and the number of its private rows. */
typedef struct {
    int left, right;  /* largest windows */
    int sampling;     /* whether there are negatives, besides or instead of a tree */
    int negatives[2]; /* of steps with one centre and with two */
    int max_path;     /* longest path in the tree; 0 without hierarchical softmax */
    int n_floats;     /* of a row */
    int n_used;       /* of these; kernels.h */
    int cbow, frozen;
    int max_ngram_rows; /* rows of a word, its own included; 0 without subwords */
    float *inputs, *outputs, *nodes;
    int32_t private_inputs, private_outputs, private_nodes;
    size_t least_words; /* of a block */
} w2v_block_shape;

static inline int w2v_max_outputs(const w2v_block_shape *shape)
{
    return shape->max_path + (shape->sampling ? w2v_max(shape->negatives[0] + 1, shape->negatives[1] + 2) : 0);
}

/* Words of a block, with those that are only context. */
static inline size_t w2v_max_words(const w2v_block_shape *shape)
{
    const size_t words = W2V_BLOCK_CENTRES + (size_t)shape->left + 2 * (size_t)shape->right + 16;
    return words > shape->least_words ? words : shape->least_words;
}

/* Contexts of two neighbouring centres, the centres included. */
static inline size_t w2v_max_contexts(const w2v_block_shape *shape)
{
    return (size_t)shape->left + (size_t)shape->right + 2;
}

static inline void w2v_block_lay_out_text(w2v_block *block, const w2v_block_shape *shape, w2v_arena *arena)
{
    const size_t n = w2v_max_words(shape);
    const size_t outputs = (size_t)block->max_outputs, stride = (size_t)shape->n_floats;
    block->ids = W2V_TAKE(arena, n, int);
    block->line_begin = W2V_TAKE(arena, n, int);
    block->line_end = W2V_TAKE(arena, n, int);
    block->left = W2V_TAKE(arena, n, int);
    block->right = W2V_TAKE(arena, n, int);
    block->weights = W2V_TAKE(arena, n, float);
    block->rows = W2V_TAKE(arena, n + W2V_SORT_SLACK, float *);
    block->masses = W2V_TAKE(arena, n + W2V_SORT_SLACK, float);
    block->frozen_at = W2V_TAKE(arena, n, int);
    block->steps = W2V_TAKE(arena, n, w2v_step);
    block->drawn = W2V_TAKE(arena, n * outputs + W2V_DRAW_SLACK, int32_t);
    block->targets = W2V_TAKE(arena, n * (W2V_INPUTS_AHEAD + outputs), const float *);
    if (shape->max_ngram_rows)
        w2v_composer_lay_out(&block->composer, arena, shape->max_ngram_rows, shape->n_floats, shape->n_used);
    if (shape->max_ngram_rows || shape->frozen)
        w2v_scratch_lay_out(&block->scratch, arena, n, stride);
    w2v_private_lay_out(&block->inputs, arena, shape->inputs, stride, shape->private_inputs);
    w2v_private_lay_out(&block->outputs, arena, shape->outputs, stride, shape->private_outputs);
    w2v_private_lay_out(&block->nodes, arena, shape->nodes, stride, shape->private_nodes);
}

static inline void w2v_block_lay_out_step(w2v_block *block, const w2v_block_shape *shape, w2v_arena *arena)
{
    const size_t contexts = w2v_max_contexts(shape), outputs = (size_t)block->max_outputs;
    const size_t patterns = 2 * W2V_KINDS * W2V_PATTERN_FLOATS(outputs);
    block->window.work = W2V_TAKE(arena, W2V_WORK_FLOATS(contexts, outputs), float);
    block->contexts = W2V_TAKE(arena, contexts + W2V_SORT_SLACK, float *);
    block->kinds = W2V_TAKE(arena, contexts + W2V_KINDS_SLACK, uint8_t);
    block->ones = W2V_TAKE(arena, contexts, uint8_t);
    block->patterns[0] = W2V_TAKE(arena, patterns, float);
    block->patterns[1] = W2V_TAKE(arena, patterns, float);
    block->scores = W2V_TAKE(arena, contexts * outputs, float);
    block->squares = W2V_TAKE(arena, contexts + outputs, float);
    block->max_contexts = contexts;
    if (shape->cbow)
        w2v_hidden_lay_out(&block->hidden, arena, contexts, shape->n_floats, shape->n_used);
}

/* The values that stay the same in all blocks. */
static inline void w2v_block_fill(w2v_block *block, const w2v_block_shape *shape)
{
    const int pattern_floats = W2V_PATTERN_FLOATS(block->max_outputs);
    for (size_t k = 0; k < w2v_max_words(shape) + W2V_SORT_SLACK; k++)
        block->masses[k] = 1;
    memset(block->ones, 1, w2v_max_contexts(shape));
    if (shape->max_path) { /* the labels of kind 1 are set for each path, its weights are 1 */
        for (int k = 0; k < pattern_floats; k++)
            block->patterns[0][3 * pattern_floats + k] = 1;
    } else {
        for (int k = 0; k < 2; k++)
            w2v_fill_patterns(block->patterns[k], shape->negatives[k] + k + 1, k + 1, pattern_floats);
    }
    block->window.n_used = shape->n_used;
    block->window.pattern_floats = pattern_floats;
}

/* Allocate the buffers of one thread in `arena`, which the caller always frees. Returns 0 if there is no memory. */
static inline int w2v_block_allocate(w2v_block *block, const w2v_block_shape *shape, w2v_arena *arena)
{
    memset(block, 0, sizeof *block);
    memset(arena, 0, sizeof *arena);
    block->max_outputs = w2v_max_outputs(shape);
    w2v_block_lay_out_text(block, shape, arena);
    w2v_block_lay_out_step(block, shape, arena);
    if (!w2v_arena_reserve(arena))
        return 0;
    w2v_block_lay_out_text(block, shape, arena);
    w2v_block_lay_out_step(block, shape, arena);
    w2v_block_fill(block, shape);
    return 1;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Record for the words of the current line that it ends, as far as it has been read, before position n. */
static inline void w2v_block_end_line(w2v_block *block, int n)
{
    for (int i = block->line; i < n; i++)
        block->line_end[i] = n;
}

/* Move the words that later windows need to the front: the centres that are not done, and up to `left` words of the
 * same line before them. */
static inline void w2v_block_carry(w2v_block *block, int left)
{
    const int from = w2v_max(block->line, block->ready - left), n = block->n - from;
    const size_t bytes = (size_t)n * sizeof(int);
    memmove(block->ids, block->ids + from, bytes);
    memmove(block->left, block->left + from, bytes);
    memmove(block->right, block->right + from, bytes);
    memmove(block->weights, block->weights + from, (size_t)n * sizeof(float));
    for (int i = 0; i < n; i++)
        block->line_begin[i] = 0; /* they are of one line */
    block->line = 0;
    block->first = block->ready - from;
    block->n = n;
}

/* ---- a step ------------------------------------------------------------------------------------------------------ */

/* The output rows, and the input rows to prefetch before them, of step k. */
static inline const float **w2v_targets(const w2v_block *block, int k)
{
    return block->targets + (size_t)k * (W2V_INPUTS_AHEAD + (size_t)block->max_outputs);
}

/* Find the words that the windows of a step reach. Two centres have windows of one size, the first one's: they reach a
 * tenth fewer words than with a size for each. */
static inline void w2v_find_reach(w2v_block *block, const w2v_step *step)
{
    const int i = step->first;
    block->reach =
        w2v_reach_of(i, step->n_centres, block->left[i], block->right[i], block->line_begin[i], block->line_end[i] - 1);
    block->window.n_inputs = block->reach.next_high - block->reach.low + step->n_centres - 1;
}

/* Skip-gram: the inputs of one centre are its contexts. Those of two centres are all words between the first and the
 * last that either reaches; a centre is not a context of itself, which its kind says. */
static inline void w2v_take_contexts(w2v_block *block, const w2v_step *step)
{
    w2v_window *const window = &block->window;
    int n[3];
    if (step->n_centres == 2) {
        w2v_mark_kinds(block->kinds, &block->reach);
        window->inputs = block->rows + block->reach.low;
        window->kinds = block->kinds;
    } else {
        w2v_sort_contexts(&block->reach, sizeof(float *), block->rows, block->contexts, n);
        window->inputs = block->contexts;
        window->kinds = block->ones;
    }
}

/* The outputs of step k with their labels, and the rows of a later step to prefetch. `tree` is NULL without
 * hierarchical softmax. */
static inline void w2v_take_outputs(w2v_block *block, int k, const w2v_tree *tree)
{
    const w2v_step *const step = &block->steps[k];
    const int later = w2v_min(k + W2V_STEPS_AHEAD, block->n_steps - 1);
    w2v_window *const window = &block->window;
    window->patterns = block->patterns[step->n_centres - 1];
    window->n_outputs = step->n_outputs;
    window->outputs = (float *const *)(w2v_targets(block, k) + W2V_INPUTS_AHEAD);
    if (tree) {
        w2v_tree_labels(tree, block->ids[step->first], step->n_outputs,
                        block->patterns[0] + 2 * window->pattern_floats);
        if (step->n_outputs == 0) /* the tree has one word */
            window->n_inputs = 0;
    }
    window->prefetch = w2v_targets(block, later);
    window->n_prefetch = W2V_INPUTS_AHEAD + block->steps[later].n_outputs;
}

/* Weight decay: multiply the input row and the output row of each centre of a step by `factor`. Only without a tree and
 * n-grams. */
static inline void w2v_shrink_centres(const w2v_block *block, const w2v_step *step, float factor)
{
    for (int k = 0; k < step->n_centres; k++) {
        float *const input = block->rows[step->first + k], *const output = block->window.outputs[k];
        for (int j = 0; j < block->window.n_used; j++) {
            input[j] *= factor;
            output[j] *= factor;
        }
    }
}

#endif
