/* Building of compressed rows. */
#include "graph/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base.h"

/* Counters that several threads advance. */
static inline int64_t advance(int64_t *counter) { return __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED); }

static inline int64_t row_of(const w2v_edges *edges, int32_t source, int32_t target)
{
    return edges->types ? source * edges->n_types + edges->types[target] : source;
}

void w2v_graph_count(const w2v_edges *edges, int64_t *counts)
{
    for (int64_t i = 0; i < edges->n; i++) {
        const int32_t source = edges->ends[2 * i], target = edges->ends[2 * i + 1];
        advance(counts + row_of(edges, source, target));
        if (edges->both_ways && source != target)
            advance(counts + row_of(edges, target, source));
    }
}

static inline float weight_of(w2v_entry entry)
{
    const uint32_t bits = (uint32_t)entry;
    float weight;
    memcpy(&weight, &bits, 4);
    return weight;
}

static inline w2v_entry entry_of(int32_t target, float weight)
{
    uint32_t bits;
    memcpy(&bits, &weight, 4);
    return (w2v_entry)(uint32_t)target << 32 | bits;
}

void w2v_graph_fill(const w2v_edges *edges, int64_t *cursors, w2v_entry *entries)
{
    for (int64_t i = 0; i < edges->n; i++) {
        const int32_t source = edges->ends[2 * i], target = edges->ends[2 * i + 1];
        const float weight = edges->weights ? edges->weights[i] : 1.0f;
        entries[advance(cursors + row_of(edges, source, target))] = entry_of(target, weight);
        if (edges->both_ways && source != target)
            entries[advance(cursors + row_of(edges, target, source))] = entry_of(source, weight);
    }
}

static int compare(const void *a, const void *b)
{
    const w2v_entry x = *(const w2v_entry *)a, y = *(const w2v_entry *)b;
    return (x > y) - (x < y);
}

enum { FEW = 24 }; /* entries that are sorted by insertion */

/* Positive floats are in the order of their bits, so equal targets are added up from the smallest weight on, in an
 * order that does not depend on that of the edges. */
static void sort_row(w2v_entry *row, int64_t n)
{
    if (n > FEW) {
        qsort(row, (size_t)n, sizeof *row, compare);
        return;
    }
    for (int64_t i = 1; i < n; i++) {
        const w2v_entry entry = row[i];
        int64_t at = i;
        for (; at > 0 && row[at - 1] > entry; at--)
            row[at] = row[at - 1];
        row[at] = entry;
    }
}

int64_t w2v_graph_merge(const int64_t *offsets, int64_t first, int64_t end, w2v_entry *entries, int64_t *sizes,
                        float *least, float *most)
{
    int64_t infinite = 0;
    for (int64_t r = first; r < end; r++) {
        w2v_entry *row = entries + offsets[r];
        const int64_t n = offsets[r + 1] - offsets[r];
        int64_t kept = 0, finite = 1;
        sort_row(row, n);
        for (int64_t i = 0; i < n; kept++) {
            const uint64_t target = row[i] >> 32;
            double sum = 0;
            for (; i < n && row[i] >> 32 == target; i++)
                sum += weight_of(row[i]);
            const float weight = (float)sum;
            finite &= weight <= 3.4028235e38f;
            *least = weight < *least ? weight : *least;
            *most = weight > *most ? weight : *most;
            row[kept] = entry_of((int32_t)target, weight);
        }
        sizes[r] = kept;
        infinite += !finite;
    }
    return infinite;
}

void w2v_graph_close_gaps(int64_t *offsets, int64_t n_rows, const int64_t *sizes, w2v_entry *entries)
{
    int64_t at = 0;
    for (int64_t r = 0; r < n_rows; r++) {
        const int64_t from = offsets[r];
        if (from != at)
            memmove(entries + at, entries + from, (size_t)sizes[r] * sizeof *entries);
        offsets[r] = at;
        at += sizes[r];
    }
    offsets[n_rows] = at;
}

void w2v_graph_targets(const w2v_entry *entries, int64_t first, int64_t end, int32_t *targets)
{
    for (int64_t i = first; i < end; i++)
        targets[i] = (int32_t)(entries[i] >> 32);
}

int w2v_graph_weigh(const int64_t *offsets, int64_t first, int64_t end, w2v_entry *entries)
{
    int64_t longest = 1;
    for (int64_t r = first; r < end; r++)
        longest = offsets[r + 1] - offsets[r] > longest ? offsets[r + 1] - offsets[r] : longest;
    double *shares = malloc((size_t)longest * sizeof *shares);
    int32_t *stack = malloc((size_t)longest * sizeof *stack);
    if (shares == NULL || stack == NULL) {
        free(shares);
        free(stack);
        return -1;
    }
    for (int64_t r = first; r < end; r++) {
        w2v_entry *row = entries + offsets[r];
        const int64_t n = offsets[r + 1] - offsets[r];
        double sum = 0;
        for (int64_t i = 0; i < n; i++)
            sum += weight_of(row[i]);
        for (int64_t i = 0; i < n; i++)
            shares[i] = weight_of(row[i]) / sum;
        for (int64_t i = 0; i < n; i++) { /* w2v_alias is as large as an entry */
            const w2v_alias none = {0, 0};
            memcpy(row + i, &none, sizeof none);
        }
        if (n > 0)
            w2v_alias_build(shares, n, (w2v_alias *)row, stack);
    }
    free(shares);
    free(stack);
    return 0;
}
