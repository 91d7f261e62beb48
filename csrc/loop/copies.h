/* The rows of one matrix as a worker of a round sees them (rounds/merge.h): copies of all rows of the snapshot, which
 * it trains in place of the model, and the curvature that each row has met (loop/curvature.h).
 *
 * Between rounds every copy equals its row of the snapshot. The merge brings this about for the rows that were changed,
 * while they are in the cache, so that a worker begins at once and training reads no other memory than without
 * rounds. */
#ifndef W2V_COPIES_H
#define W2V_COPIES_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    const float *snapshot; /* n rows of `stride` floats */
    float *rows;           /* the copies */
    float *curvature;      /* n; not 0 if the row was trained */
    size_t stride;
    int64_t n;
} w2v_copies;

#endif
