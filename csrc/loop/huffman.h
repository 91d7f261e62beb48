/* Huffman codes of words by their counts, for hierarchical softmax (Morin and Bengio 2005; Mikolov et al. 2013,
 * "Distributed Representations of Words and Phrases", section 2.1).
 *
 * A word's output rows are the inner nodes on its way from the root, and what a step predicts at each is which way to go.
 * The tree is the one of word2vec.c (CreateBinaryTree) and fastText, which take leaves and nodes from two sorted queues: a
 * node goes before a leaf of the same count, the second of two to be joined has bit 1. Nodes are numbered by falling
 * weight, the root is 0. Paths may have any length. */
#ifndef W2V_HUFFMAN_H
#define W2V_HUFFMAN_H

#include <stdint.h>

/* A step of a way: the node, and the bit of the branch that is taken there. */
static inline int32_t w2v_way_node(uint32_t way) { return (int32_t)(way >> 1); }
static inline int w2v_way_bit(uint32_t way) { return (int)(way & 1); }

/* Ask for the cache line of what will be read soon. */
static inline void w2v_prefetch_read(const void *p)
{
#if defined(_MSC_VER)
    (void)p;
#else
    __builtin_prefetch(p, 0, 3);
#endif
}

/* Build the tree of n >= 1 words.
 *   counts   (n), falling; a count below 1 is taken as 1, or words that were never seen would form a chain.
 *   weights  (n - 1), gets the weight of each node in the order that they are made, which is the reverse of the numbers.
 *   up       (2 n - 1), gets for each word, then for each node in that order, its parent and its bit. The root has none. */
void w2v_huffman_build(const int64_t *counts, int64_t n, int64_t *weights, uint32_t *up);

/* Lengths of the paths from `up`: lengths[order[k]] is that of the k-th word. `depths` is room for n - 1. */
void w2v_huffman_lengths(const uint32_t *up, const int32_t *order, int64_t n, int32_t *depths, int64_t *lengths);

/* Write the path of each word, from the root on: that of word order[k] to ways[offsets[order[k]]] and on. */
void w2v_huffman_paths(const uint32_t *up, const int32_t *order, int64_t n, const int64_t *offsets, uint32_t *ways);

#endif
