/* Random walks over a graph: first order (Perozzi et al. 2014, DeepWalk), second order (Grover and Leskovec 2016,
 * node2vec, section 3.2.2), or along types of nodes (Dong et al. 2017, metapath2vec, equation 3).
 *
 * A second-order step from v, which the walk reached from t, leads to x with a probability proportional to the weight
 * of (v, x) times 1/p if x = t, 1 if there is an edge (t, x), and 1/q otherwise. It is drawn by rejection: x by its
 * weight alone, accepted with its factor over the largest one. So there is no table of edges times neighbours (Yang et
 * al. 2019, KnightKing). Where 1/p is the largest factor and all weights are equal, the part of it above the others is
 * drawn beforehand, since it belongs to one neighbour.
 *
 * Walk i of an epoch is a function of (seed, epoch, i) alone. Walks i, i + 1, ... begin at the nodes in a random order,
 * at each node once, then in another order at each node again. Several walks are made together, so that one waits for
 * memory while others go on. */
#ifndef W2V_WALKS_H
#define W2V_WALKS_H

#include <stdint.h>

#include "graph/graph.h"

typedef struct w2v_walks {
    w2v_graph graph;
    int symmetric; /* whether each edge leads both ways, with one weight */
    const int32_t *starts; /* [n_starts], nodes where walks begin; NULL: all nodes */
    int64_t n_starts;
    int64_t length;       /* nodes of a walk; one that cannot go on is shorter */
    const int32_t *path;  /* [path_length], type of the node at each step, repeated; NULL without types */
    int64_t path_length;
    double p, q;
    uint64_t seed;
    const int32_t *names; /* [n_nodes], what is written for a node; NULL: its number */
} w2v_walks;

/* Write walks first .. end - 1 of an epoch, each followed by -1: at most (length + 1) * (end - first) entries. Returns
 * their number. */
int64_t w2v_make_walks(const w2v_walks *walks, uint64_t epoch, int64_t first, int64_t end, int32_t *out);

/* visits[node] += its entries among these ids of walks; several threads may count at the same time. Returns the nodes of
 * the longest walk. */
int64_t w2v_count_visits(const int32_t *ids, int64_t n, int64_t *visits);

#endif
