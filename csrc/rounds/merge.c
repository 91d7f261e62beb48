/* Sums of the workers' changes, and the merged change. */
#include "rounds/merge.h"

#include <string.h>

#include "base.h"
#include "rounds/bfloat16.h"

#define ROWS_AHEAD 4 /* of the rows of a worker, that are prefetched */

static int64_t block_end(const w2v_sums *sums, int64_t from)
{
    return from + W2V_MERGED_ROWS < sums->high ? from + W2V_MERGED_ROWS : sums->high;
}

static float *row_of(float *rows, int64_t row, int n_floats) { return rows + (size_t)row * (size_t)n_floats; }

static void add(float *to, const float *from, int n)
{
    for (int j = 0; j < n; j++)
        to[j] += from[j];
}

static void copy_row(float *to, const float *from, int n) { memcpy(to, from, (size_t)n * sizeof(float)); }

/* Add the change of a worker, row - base, with its curvature. `at` is the row's number among those of the sums. */
static void fold_row(const w2v_kernels *kernels, const w2v_sums *sums, int64_t at, const float *row, const float *base,
                     float curvature)
{
    const int d = sums->n_floats;
    kernels->add_change(row, base, curvature, d, row_of(sums->changes, at, d), row_of(sums->weighted, at, d));
    sums->totals[at] += curvature;
    sums->squares[at] += curvature * curvature;
}

/* Find the rows from `from` to `to` that a worker has trained. `rows` has room for one more than these. */
static int trained_rows(const w2v_copies *copies, int64_t from, int64_t to, int32_t *rows)
{
    int n = 0;
    for (int64_t row = from; row < to; row++) {
        rows[n] = (int32_t)row;
        n += copies->curvature[row] != 0;
    }
    return n;
}

static void prefetch_row(const float *row, int n_floats)
{
    for (int j = 0; j < n_floats; j += W2V_ROW_FLOATS)
        w2v_prefetch_read(row + j);
}

/* The changes of a worker in the rows `from` to `to`, one block. With `restore`, its copies get their former values. */
static void fold_copies(const w2v_kernels *kernels, const w2v_sums *sums, int64_t from, int64_t to,
                        const w2v_copies *copies, int restore)
{
    const int d = sums->n_floats;
    int32_t rows[W2V_MERGED_ROWS + 1];
    const int n = trained_rows(copies, from, to, rows);
    for (int i = 0; i < n; i++) {
        const int64_t row = rows[i];
        float *const copy = row_of(copies->rows, row, d);
        const float *const base = copies->snapshot + (size_t)row * (size_t)d;
        if (i + ROWS_AHEAD < n) {
            prefetch_row(row_of(copies->rows, rows[i + ROWS_AHEAD], d), d);
            prefetch_row(copies->snapshot + (size_t)rows[i + ROWS_AHEAD] * (size_t)d, d);
        }
        fold_row(kernels, sums, row - sums->low, copy, base, copies->curvature[row]);
        copies->curvature[row] = 0;
        if (restore)
            copy_row(copy, base, d);
    }
}

/* The number of directions, a multiple of W2V_ROW_FLOATS, in which some of n rows are corrected. */
static int directions_of(const w2v_basis *basis, const float *totals, int64_t n)
{
    float largest = 0;
    int k = 0;
    for (int64_t i = 0; i < n; i++)
        if (totals[i] > largest)
            largest = totals[i];
    while (k < basis->n_floats && basis->eigenvalues[k] * largest > W2V_FLAT)
        k += W2V_ROW_FLOATS;
    return k < basis->n_floats ? k : basis->n_floats;
}

/* Add the merged change of the rows `from` to `to`, one block, to the snapshot. */
static void finish_block(const w2v_kernels *kernels, const w2v_basis *basis, const w2v_sums *sums, int64_t from,
                         int64_t to, float *snapshot, float *work)
{
    const int d = sums->n_floats, n = (int)(to - from);
    const int64_t first = from - sums->low;
    const int k = directions_of(basis, sums->totals + first, n);
    float *const into = row_of(snapshot, first, d), *const share = work;
    float *const weighted = share + W2V_MERGED_ROWS * (size_t)d, *const change = weighted + W2V_MERGED_ROWS * (size_t)d;
    for (int i = 0; i < n; i++)
        add(row_of(into, i, d), row_of(sums->changes, first + i, d), d);
    if (k == 0)
        return;
    kernels->rotate(row_of(sums->changes, first, d), n, d, basis->to, k, d, share);
    kernels->rotate(row_of(sums->weighted, first, d), n, d, basis->to, k, d, weighted);
    for (int i = 0; i < n; i++) {
        const float total = sums->totals[first + i], mean = total > 0 ? sums->squares[first + i] / total : 0;
        kernels->correct(row_of(share, i, k), row_of(weighted, i, k), basis->eigenvalues, total, mean, k);
    }
    kernels->rotate(share, n, k, basis->back, d, d, change);
    for (int i = 0; i < n; i++)
        add(row_of(into, i, d), row_of(change, i, d), d);
}

/* Bring the rows `from` to `to` that any worker has trained to all copies. */
static void spread_block(const w2v_sums *sums, int64_t from, int64_t to, const float *snapshot, int n_all,
                         const w2v_copies *const *all)
{
    const size_t d = (size_t)sums->n_floats;
    for (int i = 0; i < n_all; i++)
        for (int64_t row = from; row < to; row++)
            if (sums->totals[row - sums->low] != 0)
                copy_row(all[i]->rows + (size_t)row * d, snapshot + (size_t)(row - sums->low) * d, sums->n_floats);
}

/* Make the sums of n rows from number `first` on zero again. */
static void clear_block(const w2v_sums *sums, int64_t first, int64_t n)
{
    const size_t bytes = (size_t)n * sizeof(float), d = (size_t)sums->n_floats;
    memset(sums->changes + (size_t)first * d, 0, bytes * d);
    memset(sums->weighted + (size_t)first * d, 0, bytes * d);
    memset(sums->totals + first, 0, bytes);
    memset(sums->squares + first, 0, bytes);
}

void w2v_merge_copies(const w2v_kernels *kernels, const w2v_sums *sums, int n, const w2v_copies *const *copies,
                      const w2v_basis *basis, float *snapshot, int n_all, const w2v_copies *const *all, float *work)
{
    for (int64_t from = sums->low; from < sums->high; from += W2V_MERGED_ROWS) {
        const int64_t to = block_end(sums, from);
        for (int i = 0; i < n; i++)
            fold_copies(kernels, sums, from, to, copies[i], basis == NULL);
        if (basis) {
            finish_block(kernels, basis, sums, from, to, snapshot, work);
            spread_block(sums, from, to, snapshot, n_all, all);
            clear_block(sums, from - sums->low, to - from);
        }
    }
}

void w2v_pack_changes(const w2v_copies *copies, int64_t low, int64_t high, int n_columns, int32_t *rows,
                      uint16_t *changes, float *curvature)
{
    for (int64_t row = low; row < high; row++) {
        float *const copy = copies->rows + (size_t)row * copies->stride;
        const float *const base = copies->snapshot + (size_t)row * copies->stride;
        if (copies->curvature[row] == 0)
            continue;
        for (int j = 0; j < n_columns; j++)
            changes[j] = w2v_bfloat16(copy[j] - base[j]);
        copy_row(copy, base, (int)copies->stride);
        *rows++ = (int32_t)row;
        *curvature++ = copies->curvature[row];
        copies->curvature[row] = 0;
        changes += n_columns;
    }
}

void w2v_fold_changes(const w2v_kernels *kernels, const w2v_sums *sums, int64_t n, const int32_t *rows,
                      const uint16_t *changes, int n_columns, const float *curvature, float *work)
{
    memset(work, 0, (size_t)sums->n_floats * sizeof *work);
    for (int64_t i = 0; i < n; i++, changes += n_columns) {
        for (int j = 0; j < n_columns; j++)
            work[j] = w2v_float_of(changes[j]);
        fold_row(kernels, sums, rows[i] - sums->low, work, NULL, curvature[i]);
    }
}

void w2v_finish_merge(const w2v_kernels *kernels, const w2v_basis *basis, const w2v_sums *sums, float *snapshot,
                      float *work)
{
    for (int64_t from = sums->low; from < sums->high; from += W2V_MERGED_ROWS)
        finish_block(kernels, basis, sums, from, block_end(sums, from), snapshot, work);
}
