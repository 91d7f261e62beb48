/* The merge of a round of training: the changes of all workers, who started from one snapshot of the model.
 *
 * A row learns by steps whose pull towards its optimum differs by direction. Along the eigenvector u_j of its curvature,
 * with eigenvalue e_j, a worker that has met the curvature h (loop/curvature.h) has gone a share of the way that is
 * proportional to h * phi(h * e_j), with
 *
 *     phi(z) = (1 - exp(-z)) / z
 *
 * Together the workers p would have gone H * phi(H * e_j), with H the sum of all h_p. So from their changes d_p follows
 *
 *     change = sum_j u_j * phi(H * e_j) * A_j,   A_j = sum_p (u_j . d_p) / phi(h_p * e_j)
 *
 * In steep directions (frequent rows) this is an average, in flat ones (rare rows) a sum, and nothing has to be chosen.
 *
 * 1 / phi is nearly a straight line: from 1 at 0, with slope 1/2 there and 1 at infinity. Here it is the line through
 * its value at m, the mean of the h_p weighted by themselves. Then A follows from sums over the workers in which no
 * direction occurs:
 *
 *     A_j = u_j . S + ((1 / phi(m * e_j) - 1) / m) * (u_j . T)
 *     S = sum_p d_p,   T = sum_p h_p * d_p,   m = Q / H,   Q = sum_p h_p^2
 *
 * It is exact where all h_p are equal, and within 8 % of the change however they differ (bench/NOTES.md). Where H * e_j is
 * below W2V_FLAT, phi is taken to be 1. For most rows this holds in all directions but the first k:
 *
 *     change = S + sum_{j < k} u_j * (phi(H * e_j) * A_j - u_j . S)
 *
 * All sums are over the workers in their order, so the result has the same bytes however the work is divided. Changes
 * are rounded to bfloat16 before they are added, in one process too, because they are sent in that form
 * (rounds/bfloat16.h). */
#ifndef W2V_MERGE_H
#define W2V_MERGE_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/kernels.h"
#include "loop/copies.h"

#define W2V_FLAT 0.06f
#define W2V_MERGED_ROWS 48 /* of a block, whose rows have the same k */

typedef struct {
    const float *to;          /* (n_floats, n_floats): column j is eigenvector j; largest eigenvalue first */
    const float *back;        /* the same, transposed */
    const float *eigenvalues; /* n_floats */
    int n_floats;
} w2v_basis;

/* The sums over the workers, for rows `low` to `high` of a matrix; low is a multiple of W2V_MERGED_ROWS. */
typedef struct {
    int64_t low, high;
    int n_floats;
    float *changes;  /* S, (high - low, n_floats) */
    float *weighted; /* T, the same shape */
    float *totals;   /* H, (high - low) */
    float *squares;  /* Q, (high - low) */
} w2v_sums;

/* Floats of room for the functions below. */
#define W2V_MERGE_WORK(n_floats) (3 * W2V_MERGED_ROWS * (size_t)(n_floats))

/* Add the changes of n workers, in their order; then, with a basis, add the merged change to the snapshot as below. A
 * block of rows is finished before the next one, while it is in the cache. Afterwards the copies of these workers, or
 * with a basis those of all n_all workers, have the rows of the snapshot again and no curvature; with a basis the sums are
 * zero again. */
void w2v_merge_copies(const w2v_kernels *kernels, const w2v_sums *sums, int n, const w2v_copies *const *copies,
                      const w2v_basis *basis, float *snapshot, int n_all, const w2v_copies *const *all, float *work);

/* Write the changes of a worker in the rows from `low` to `high`: the rows in rising order, their changes, (number of
 * rows, n_columns) in bfloat16, and their curvatures. Then these copies have the rows of the snapshot again and no
 * curvature. */
void w2v_pack_changes(const w2v_copies *copies, int64_t low, int64_t high, int n_columns, int32_t *rows,
                      uint16_t *changes, float *curvature);

/* Add n packed changes of `rows` with their curvatures. */
void w2v_fold_changes(const w2v_kernels *kernels, const w2v_sums *sums, int64_t n, const int32_t *rows,
                      const uint16_t *changes, int n_columns, const float *curvature, float *work);

/* Add the merged change to the rows of the snapshot, of which the first is row `low`. */
void w2v_finish_merge(const w2v_kernels *kernels, const w2v_basis *basis, const w2v_sums *sums, float *snapshot,
                      float *work);

#endif
