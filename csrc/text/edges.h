/* Lists of edges: a line for each edge, with the names of two nodes and perhaps a weight. */
#ifndef W2V_EDGES_H
#define W2V_EDGES_H

#include <stdint.h>

#include "text/wordtable.h"

typedef enum w2v_edge_weights {
    W2V_EDGE_NO_WEIGHTS = 0,   /* lines with a third field are errors */
    W2V_EDGE_WEIGHTS = 1,      /* lines without a weight are errors */
    W2V_EDGE_IGNORE_WEIGHTS = 2 /* further fields are not looked at */
} w2v_edge_weights;

/* `delimiter`: byte between fields, from which blanks around a field are removed, and where a field may stand in double
 * quotes; 0 for runs of blanks and tabs. Columns count from 0. `weight` may be a dict of Python with the key 'weight',
 * as networkx writes it, or an empty one for the weight 1. */
typedef struct w2v_edge_format {
    int delimiter;
    int source, target, weight; /* columns */
    w2v_edge_weights weights;
} w2v_edge_format;

typedef enum w2v_bad_edge {
    W2V_EDGE_GOOD = 0,
    W2V_EDGE_FEW_FIELDS = 1,    /* fewer than two names, or an empty one */
    W2V_EDGE_NO_WEIGHT = 2,     /* no field for the weight */
    W2V_EDGE_NOT_A_NUMBER = 3,  /* the weight is no number, or infinite or NaN */
    W2V_EDGE_NOT_POSITIVE = 4,  /* it is 0 or negative */
    W2V_EDGE_MANY_FIELDS = 5,   /* a field where a weight would be, with W2V_EDGE_NO_WEIGHTS */
    W2V_EDGE_OPEN_QUOTE = 6     /* a quote that does not end, or with further quotes in it */
} w2v_bad_edge;

typedef struct w2v_edge_stats {
    int64_t edges;
    int64_t comments; /* lines that begin with # or % */
    int64_t further;  /* lines with more fields than are read */
    w2v_bad_edge bad;
    int64_t bad_begin, bad_end; /* the line of it, in the text */
} w2v_edge_stats;

/* Read the lines of a text, which end with a line feed, a carriage return or both; the last may lack its end. Empty
 * lines and comments are skipped. Names are words of the table. Writes the ids of the ends of each edge, and its weight
 * with W2V_EDGE_WEIGHTS.
 *
 * ends: [2 * w2v_most_edges(n)]; weights: [w2v_most_edges(n)], or NULL. Stops at the first bad line, with stats->bad.
 * Returns a status of the table. */
w2v_status w2v_read_edges(const w2v_edge_format *format, const uint8_t *text, int64_t n, w2v_reader *reader,
                          int32_t *ends, float *weights, w2v_edge_stats *stats);

/* Edges of a text of n bytes, at most: "a b\n" has four. */
static inline int64_t w2v_most_edges(int64_t n) { return n / 4 + 1; }

#endif
