/* Sums of the workers' changes, and the merged change. */
#include "rounds/merge.h"

static int64_t block_of(const w2v_sums *sums, int64_t row) { return (row - sums->low) / W2V_MERGED_ROWS; }

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
                       const int32_t *rows, const float *const *changes, const float *curvature, float *turned)
{
    const int d = basis->n_floats, k = n ? sums->directions[block_of(sums, rows[0])] : 0;
    if (k)
        kernels->rotate(changes, n, d, basis->to, k, d, turned);
    for (int i = 0; i < n; i++) {
        add(sum_of(sums, rows[i], d), changes[i], d);
        sums->totals[rows[i] - sums->low] += curvature[i];
        if (k) {
            kernels->scale_shares(turned + (size_t)i * (size_t)k, basis->eigenvalues, curvature[i], k, 1);
            add(shares_of(sums, rows[i]), turned + (size_t)i * (size_t)k, k);
        }
    }
}

void w2v_fold_copies(const w2v_kernels *kernels, const w2v_basis *basis, const w2v_sums *sums, const w2v_private *copies,
                     float *work)
{
    const int d = basis->n_floats;
    const float *changes[W2V_MERGED_ROWS];
    float curvature[W2V_MERGED_ROWS];
    int32_t rows[W2V_MERGED_ROWS];
    for (int64_t from = sums->low; from < sums->high; from += W2V_MERGED_ROWS) {
        const int64_t to = from + W2V_MERGED_ROWS < sums->high ? from + W2V_MERGED_ROWS : sums->high;
        int n = 0;
        for (int64_t row = from; row < to; row++) {
            if (copies->touches[row] == 0)
                continue;
            const size_t at = (size_t)row * copies->stride;
            float *const change = work + (size_t)n * (size_t)d;
            for (int j = 0; j < d; j++)
                change[j] = copies->copies[at + (size_t)j] - copies->shared[at + (size_t)j];
            rows[n] = (int32_t)row;
            curvature[n] = copies->curvature[row];
            changes[n++] = change;
        }
        fold_block(kernels, basis, sums, n, rows, changes, curvature, work + W2V_MERGED_ROWS * (size_t)d);
    }
}

void w2v_fold_changes(const w2v_kernels *kernels, const w2v_basis *basis, const w2v_sums *sums, int64_t n,
                      const int32_t *rows, const float *changes, const float *curvature, float *work)
{
    const float *block[W2V_MERGED_ROWS];
    for (int64_t i = 0, end; i < n; i = end) {
        for (end = i; end < n && block_of(sums, rows[end]) == block_of(sums, rows[i]); end++)
            block[end - i] = changes + (size_t)end * (size_t)basis->n_floats;
        fold_block(kernels, basis, sums, (int)(end - i), rows + i, block, curvature + i, work);
    }
}

void w2v_finish_merge(const w2v_kernels *kernels, const w2v_basis *basis, const w2v_sums *sums, float *snapshot,
                      float *work)
{
    const int d = basis->n_floats;
    const float *rows[W2V_MERGED_ROWS];
    for (int64_t from = sums->low; from < sums->high; from += W2V_MERGED_ROWS) {
        const int64_t to = from + W2V_MERGED_ROWS < sums->high ? from + W2V_MERGED_ROWS : sums->high;
        const int n = (int)(to - from), k = sums->directions[block_of(sums, from)];
        float *const into = snapshot + (size_t)(from - sums->low) * (size_t)d;
        for (int i = 0; i < n; i++)
            add(into + (size_t)i * (size_t)d, sum_of(sums, from + i, d), d);
        if (k == 0)
            continue;
        for (int i = 0; i < n; i++)
            rows[i] = sum_of(sums, from + i, d);
        kernels->rotate(rows, n, d, basis->to, k, d, work);
        for (int i = 0; i < n; i++) {
            float *const share = shares_of(sums, from + i), *const plain = work + (size_t)i * (size_t)k;
            kernels->scale_shares(share, basis->eigenvalues, sums->totals[from + i - sums->low], k, 0);
            for (int j = 0; j < k; j++)
                share[j] -= plain[j];
            rows[i] = share;
        }
        kernels->rotate(rows, n, k, basis->back, d, d, work);
        for (int i = 0; i < n; i++)
            add(into + (size_t)i * (size_t)d, work + (size_t)i * (size_t)d, d);
    }
}
