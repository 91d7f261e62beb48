/* Sums of the workers' changes, and the merged change. */
#include "rounds/merge.h"

#include <string.h>

static int64_t block_of(const w2v_sums *sums, int64_t row) { return (row - sums->low) / W2V_MERGED_ROWS; }

static int64_t block_end(const w2v_sums *sums, int64_t from)
{
    return from + W2V_MERGED_ROWS < sums->high ? from + W2V_MERGED_ROWS : sums->high;
}

static float *shares_of(const w2v_sums *sums, int64_t row)
{
    const int64_t b = block_of(sums, row), within = row - sums->low - b * W2V_MERGED_ROWS;
    return sums->shares + sums->places[b] + within * sums->directions[b];
}

static float *sum_of(const w2v_sums *sums, int64_t row, int n_floats)
{
    return sums->sums + (size_t)(row - sums->low) * (size_t)n_floats;
}

static void add(float *to, const float *from, int n)
{
    for (int j = 0; j < n; j++)
        to[j] += from[j];
}

/* Add changes of n rows of one block; `turned` is room for n rows. */
static void fold_block(const w2v_kernels *kernels, const w2v_basis *basis, const w2v_sums *sums, int n,
                       const int32_t *rows, const float *changes, const float *curvature, float *turned)
{
    const int d = basis->n_floats, k = n ? sums->directions[block_of(sums, rows[0])] : 0;
    if (k)
        kernels->rotate(changes, n, d, basis->to, k, d, turned);
    for (int i = 0; i < n; i++) {
        add(sum_of(sums, rows[i], d), changes + (size_t)i * (size_t)d, d);
        sums->totals[rows[i] - sums->low] += curvature[i];
        if (k) {
            kernels->scale_shares(turned + (size_t)i * (size_t)k, basis->eigenvalues, curvature[i], k, 1);
            add(shares_of(sums, rows[i]), turned + (size_t)i * (size_t)k, k);
        }
    }
}

static void copy_row(float *to, const float *from, int n) { memcpy(to, from, (size_t)n * sizeof(float)); }

/* The changes of a worker in the rows `from` to `to`, one block. With `restore`, its copies get their former values. */
static void fold_copies(const w2v_kernels *kernels, const w2v_basis *basis, const w2v_sums *sums, int64_t from,
                        int64_t to, const w2v_copies *copies, int restore, float *work)
{
    const int d = basis->n_floats;
    float curvature[W2V_MERGED_ROWS];
    int32_t rows[W2V_MERGED_ROWS];
    int n = 0;
    for (int64_t row = from; row < to; row++) {
        if (copies->curvature[row] == 0)
            continue;
        float *const copy = copies->rows + (size_t)row * (size_t)d;
        const float *const base = copies->snapshot + (size_t)row * (size_t)d;
        float *const change = work + (size_t)n * (size_t)d;
        for (int j = 0; j < d; j++)
            change[j] = copy[j] - base[j];
        rows[n] = (int32_t)row;
        curvature[n++] = copies->curvature[row];
        copies->curvature[row] = 0;
        if (restore)
            copy_row(copy, base, d);
    }
    fold_block(kernels, basis, sums, n, rows, work, curvature, work + W2V_MERGED_ROWS * (size_t)d);
}

/* Add the merged change of the rows `from` to `to`, one block, to the snapshot. */
static void finish_block(const w2v_kernels *kernels, const w2v_basis *basis, const w2v_sums *sums, int64_t from,
                         int64_t to, float *snapshot, float *work)
{
    const int d = basis->n_floats, n = (int)(to - from), k = sums->directions[block_of(sums, from)];
    float *const into = snapshot + (size_t)(from - sums->low) * (size_t)d;
    for (int i = 0; i < n; i++)
        add(into + (size_t)i * (size_t)d, sum_of(sums, from + i, d), d);
    if (k == 0)
        return;
    kernels->rotate(sum_of(sums, from, d), n, d, basis->to, k, d, work);
    for (int i = 0; i < n; i++) {
        float *const share = shares_of(sums, from + i), *const plain = work + (size_t)i * (size_t)k;
        kernels->scale_shares(share, basis->eigenvalues, sums->totals[from + i - sums->low], k, 0);
        for (int j = 0; j < k; j++)
            share[j] -= plain[j];
    }
    kernels->rotate(shares_of(sums, from), n, k, basis->back, d, d, work);
    for (int i = 0; i < n; i++)
        add(into + (size_t)i * (size_t)d, work + (size_t)i * (size_t)d, d);
}

/* Bring the rows `from` to `to` that any worker has trained to all copies. */
static void spread_block(const w2v_sums *sums, int64_t from, int64_t to, const float *snapshot, int n_all,
                         const w2v_copies *const *all, int d)
{
    for (int i = 0; i < n_all; i++)
        for (int64_t row = from; row < to; row++)
            if (sums->totals[row - sums->low] != 0)
                copy_row(all[i]->rows + (size_t)row * (size_t)d, snapshot + (size_t)(row - sums->low) * (size_t)d, d);
}

void w2v_merge_copies(const w2v_kernels *kernels, const w2v_basis *basis, const w2v_sums *sums, int n,
                      const w2v_copies *const *copies, float *snapshot, int n_all, const w2v_copies *const *all,
                      float *work)
{
    for (int64_t from = sums->low; from < sums->high; from += W2V_MERGED_ROWS) {
        const int64_t to = block_end(sums, from);
        for (int i = 0; i < n; i++)
            fold_copies(kernels, basis, sums, from, to, copies[i], snapshot == NULL, work);
        if (snapshot) {
            finish_block(kernels, basis, sums, from, to, snapshot, work);
            spread_block(sums, from, to, snapshot, n_all, all, basis->n_floats);
        }
    }
}

void w2v_fold_changes(const w2v_kernels *kernels, const w2v_basis *basis, const w2v_sums *sums, int64_t n,
                      const int32_t *rows, const float *changes, const float *curvature, float *work)
{
    for (int64_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && block_of(sums, rows[end]) == block_of(sums, rows[i]);)
            end++;
        fold_block(kernels, basis, sums, (int)(end - i), rows + i, changes + (size_t)i * (size_t)basis->n_floats,
                   curvature + i, work);
    }
}

void w2v_finish_merge(const w2v_kernels *kernels, const w2v_basis *basis, const w2v_sums *sums, float *snapshot,
                      float *work)
{
    for (int64_t from = sums->low; from < sums->high; from += W2V_MERGED_ROWS)
        finish_block(kernels, basis, sums, from, block_end(sums, from), snapshot, work);
}
