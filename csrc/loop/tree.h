/* The paths of a Huffman tree as the outputs of a step with hierarchical softmax. */
#ifndef W2V_TREE_H
#define W2V_TREE_H

#include <stdint.h>

#include "base.h"
#include "loop/huffman.h"
#include "loop/private.h"

typedef struct {
    int64_t *offsets; /* (n_words + 1): where each word's path begins */
    uint32_t *ways;   /* node and bit of each step of a path */
} w2v_tree;

static inline int w2v_tree_path_length(const w2v_tree *tree, int32_t word)
{
    return (int)(tree->offsets[word + 1] - tree->offsets[word]);
}

/* Fetch a path of up to 32 steps, more than is usual. Its offset should already be in the cache. */
static inline void w2v_tree_prefetch(const w2v_tree *tree, int32_t word)
{
    const uint32_t *const way = tree->ways + tree->offsets[word];
    w2v_prefetch_read(way);
    w2v_prefetch_read(way + 16);
}

/* Write the rows of a word's path to `targets`; returns their number. */
static inline int w2v_tree_rows(const w2v_tree *tree, int32_t word, w2v_private *nodes, const float **targets)
{
    const uint32_t *const way = tree->ways + tree->offsets[word];
    const int n = w2v_tree_path_length(tree, word);
    for (int k = 0; k < n; k++)
        targets[k] = w2v_private_row(nodes, w2v_way_node(way[k]));
    return n;
}

/* Write the labels of a step: 1 for bit 0 of the path and 0 for bit 1, then 1 for the centre and 0 for its negatives,
 * if there are any among the n_outputs. */
static inline void w2v_tree_labels(const w2v_tree *tree, int32_t word, int n_outputs, float *labels)
{
    const uint32_t *const way = tree->ways + tree->offsets[word];
    const int n = w2v_tree_path_length(tree, word);
    for (int k = 0; k < n; k++)
        labels[k] = (float)(1 - w2v_way_bit(way[k]));
    for (int k = n; k < n_outputs; k++)
        labels[k] = k == n ? 1.0f : 0.0f;
}

#endif
