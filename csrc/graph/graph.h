/* A graph in compressed rows, and how it is built from a list of edges by several threads.
 *
 * A node has a row for each type of node that it can lead to; without types it has one row. Row r holds the targets
 * [offsets[r], offsets[r + 1]), rising and distinct. The weight of an edge that is named several times is the sum.
 *
 * Building: w2v_graph_count for all edges, sums of the counts as offsets, w2v_graph_fill for all edges, then
 * w2v_graph_merge for all rows, and w2v_graph_weigh where weights differ. Several threads may work on distinct parts of
 * the edges, or on distinct rows, of one step. The result depends neither on their number nor on the order of the edges.
 */
#ifndef W2V_GRAPH_H
#define W2V_GRAPH_H

#include <stdint.h>

#include "loop/alias.h"

typedef struct w2v_graph {
    int64_t n_nodes; /* at most 2^31 - 1 */
    int64_t n_types;
    const int64_t *offsets;  /* [n_nodes * n_types + 1] */
    const int32_t *targets;  /* [offsets[n_nodes * n_types]] */
    const w2v_alias *weights; /* one table for each row, with positions in the row; NULL if all weights are equal */
} w2v_graph;

/* A part of the edges. */
typedef struct w2v_edges {
    const int32_t *ends;  /* [2 * n], source and target */
    const float *weights; /* [n], above 0; NULL: 1 each */
    int64_t n;
    const int32_t *types; /* [n_nodes], 0 .. n_types - 1; NULL: one type */
    int64_t n_types;
    int both_ways; /* whether an edge leads from its target to its source too; a loop is still one entry */
} w2v_edges;

/* An entry of a row while it is built: the target in the upper half, the bits of the weight in the lower one. */
typedef uint64_t w2v_entry;

/* counts[r] += entries of row r. */
void w2v_graph_count(const w2v_edges *edges, int64_t *counts);

/* Write the entries of the edges; cursors[r] is where the next one of row r goes. */
void w2v_graph_fill(const w2v_edges *edges, int64_t *cursors, w2v_entry *entries);

/* Sort rows first .. end - 1, add up the weights of equal targets, and write sizes[r], the number of distinct targets.
 * They stand at the begin of the row. *least and *most: the weights of these rows are within them. Returns the number
 * of rows that have a weight that is not finite. */
int64_t w2v_graph_merge(const int64_t *offsets, int64_t first, int64_t end, w2v_entry *entries, int64_t *sizes,
                        float *least, float *most);

/* Move the entries of merged rows together, in order: sizes become offsets, [n_rows + 1]. One thread. */
void w2v_graph_close_gaps(int64_t *offsets, int64_t n_rows, const int64_t *sizes, w2v_entry *entries);

/* targets[i] of the entries first .. end - 1. */
void w2v_graph_targets(const w2v_entry *entries, int64_t first, int64_t end, int32_t *targets);

/* Replace the entries of rows first .. end - 1 by the alias tables of their weights, in place. Returns 0, or -1 if
 * there is no memory. */
int w2v_graph_weigh(const int64_t *offsets, int64_t first, int64_t end, w2v_entry *entries);

/* Whether a row of `n` rising targets has this one. */
static inline int w2v_has_target(const int32_t *targets, int64_t n, int32_t target)
{
    while (n > 1) {
        const int64_t half = n >> 1;
        targets += targets[half] <= target ? half : 0;
        n -= half;
    }
    return n == 1 && *targets == target;
}

#endif
