"""The merge of a round: second moments, their eigenvectors, and the sums of the workers' changes."""

import numpy as np

from libc.stdint cimport int32_t, int64_t, uint16_t
from libc.stdlib cimport free, malloc

from w2v.training.loop._copies cimport Copies
from w2v.training.loop._csrc cimport w2v_copies, w2v_kernels
from w2v.training.loop._isa cimport find_kernels


cdef extern from "rounds/eigen.h" nogil:
    int w2v_eigen(double *a, int n, double *values, double *vectors, double *work)


cdef extern from "rounds/merge.h" nogil:
    int W2V_MERGED_ROWS
    size_t W2V_MERGE_WORK(size_t n_floats)

    ctypedef struct w2v_basis:
        const float *to
        const float *back
        const float *eigenvalues
        int n_floats

    ctypedef struct w2v_sums:
        int64_t low
        int64_t high
        int n_floats
        float *changes
        float *weighted
        float *totals
        float *squares

    void w2v_merge_copies(const w2v_kernels *kernels, const w2v_sums *sums, int n, const w2v_copies **copies,
                          const w2v_basis *basis, float *snapshot, int n_all, const w2v_copies **all, float *work)
    void w2v_pack_changes(const w2v_copies *copies, int64_t low, int64_t high, int n_columns, int32_t *rows,
                          uint16_t *changes, float *curvature)
    void w2v_fold_changes(const w2v_kernels *kernels, const w2v_sums *sums, int64_t n, const int32_t *rows,
                          const uint16_t *changes, int n_columns, const float *curvature, float *work)
    void w2v_finish_merge(const w2v_kernels *kernels, const w2v_basis *basis, const w2v_sums *sums, float *snapshot,
                          float *work)


cdef enum:
    SUMMED = 256        # rows whose outer products are added up in single precision

MERGED_ROWS = W2V_MERGED_ROWS


def eigen(double[:, ::1] matrix):
    """Return the eigenvalues (n,) of a symmetric matrix, largest first, and the eigenvectors as rows (n, n)."""
    cdef int n = <int> matrix.shape[0], ok
    if n == 0 or matrix.shape[1] != n:
        raise ValueError("the matrix must be square")
    copy = np.array(matrix)
    values, vectors, work = np.empty(n), np.empty((n, n)), np.empty(3 * n)
    cdef double[:, ::1] a = copy, u = vectors
    cdef double[::1] v = values, w = work
    ok = np.isfinite(copy).all()
    if ok:
        with nogil:
            ok = w2v_eigen(&a[0, 0], n, &v[0], &u[0, 0], &w[0])
    if not (ok and np.isfinite(values).all()):
        raise FloatingPointError("the eigenvalues of a matrix were not found: it has numbers that are not finite")
    return values, vectors


def moments(Copies copies, bint outputs, const float[::1] weights, str isa):
    """Return the weighted second moments (padded, padded) float64 and sums (padded,) float64 of the leading rows."""
    cdef const w2v_kernels *kernels = find_kernels(isa)
    cdef w2v_copies *p = &copies.outputs if outputs else &copies.inputs
    cdef int d = <int> p.stride, i, k
    cdef int64_t n = weights.shape[0], row
    cdef const float *values
    second, first = np.zeros((d, d)), np.zeros(d)
    part = np.zeros((d, d), np.float32)
    cdef double[:, ::1] total = second
    cdef double[::1] mean = first
    cdef float[:, ::1] sums = part
    cdef double *into
    with nogil:
        for row in range(n):
            values = p.rows + <size_t> row * p.stride
            kernels.add_outer(values, weights[row], d, &sums[0, 0])
            for i in range(d):
                mean[i] += <double> weights[row] * values[i]
            if row % SUMMED == SUMMED - 1 or row == n - 1:
                into = &total[0, 0]
                for k in range(d * d):
                    into[k] += (&sums[0, 0])[k]
                    (&sums[0, 0])[k] = 0
    return second, first


def packed_changes(Copies copies, bint outputs, int64_t low, int64_t high, int vector_size):
    """Return what a worker has changed in the rows from `low` to `high`, as `Sums.fold_changes` takes it: the rows (m,)
    int32 in rising order, their changes (m, vector_size) as the bits of bfloat16, and the curvatures that they have met
    (m,) float32. The copies of these rows are afterwards those of the snapshot.
    """
    cdef w2v_copies *p = &copies.outputs if outputs else &copies.inputs
    cdef int64_t n = 0, row
    if not 0 <= low <= high <= p.n or not 0 < vector_size <= <int64_t> p.stride:
        raise ValueError("rows or columns are not those of the matrix")
    for row in range(low, high):
        n += p.curvature[row] != 0
    found, change, met = np.empty(n, np.int32), np.empty((n, vector_size), np.uint16), np.empty(n, np.float32)
    cdef int32_t[::1] rows = found
    cdef uint16_t[:, ::1] changes = change
    cdef float[::1] curvature = met
    if n:
        with nogil:
            w2v_pack_changes(p, low, high, vector_size, &rows[0], &changes[0, 0], &curvature[0])
    return found, change, met


cdef class Basis:
    """Eigenvectors of a second moment, as the merge needs them.

    Parameters
    ----------
    moment : (padded, padded) float64
    """
    cdef float[:, ::1] to, back
    cdef float[::1] eigenvalues
    cdef w2v_basis basis

    def __init__(self, moment):
        values, vectors = eigen(moment)
        self.take(values, vectors)

    @staticmethod
    def of(values, vectors):
        """Return the basis with these `values` and `vectors`."""
        cdef Basis basis = Basis.__new__(Basis)
        basis.take(values, vectors)
        return basis

    @property
    def values(self):
        """Eigenvalues (padded,) float32, largest first."""
        return np.asarray(self.eigenvalues)

    @property
    def vectors(self):
        """Eigenvectors as rows (padded, padded) float32."""
        return np.asarray(self.back)

    cdef take(self, values, vectors):
        self.to, self.back = np.ascontiguousarray(vectors.T, np.float32), np.array(vectors, np.float32)
        self.eigenvalues = np.array(values, np.float32)
        self.basis.to, self.basis.back = &self.to[0, 0], &self.back[0, 0]
        self.basis.eigenvalues, self.basis.n_floats = &self.eigenvalues[0], <int> len(values)


cdef class Sums:
    """Sums over the workers of a round, for some rows of a matrix.

    Parameters
    ----------
    low, high : int
        The rows; `low` is a multiple of MERGED_ROWS.
    n_floats : int
        Of a row, with its padding.
    isa : str
    """
    cdef const w2v_kernels *kernels
    cdef w2v_sums sums
    cdef object arrays

    def __init__(self, int64_t low, int64_t high, int n_floats, str isa):
        cdef float[::1] changes, weighted, totals, squares
        self.kernels = find_kernels(isa)
        n = high - low
        self.arrays = [np.zeros(size, np.float32) for size in (n * n_floats, n * n_floats, n, n)]
        changes, weighted, totals, squares = self.arrays
        self.sums.low, self.sums.high, self.sums.n_floats = low, high, n_floats
        self.sums.changes, self.sums.weighted = &changes[0], &weighted[0]
        self.sums.totals, self.sums.squares = &totals[0], &squares[0]

    @property
    def totals(self):
        """Curvature (high - low,) float32 that all workers have met."""
        return self.arrays[2]

    def fold(self, copies, bint outputs, Basis basis=None, float[:, ::1] snapshot=None, followers=()) -> None:
        """Add the changes of workers, a sequence of `Copies`, in this order; then their copies are those of the
        snapshot again. With a basis and the snapshot, the whole matrix, also do what `finish` does, bring the new
        rows to the copies of all `followers`, and begin again with sums of zero."""
        cdef Copies one
        cdef int n = <int> len(copies), k = 0
        cdef const w2v_basis *of_merge = NULL
        cdef float *into = NULL
        cdef const w2v_copies **of
        if basis is not None:
            self.check(basis)
            of_merge, into = &basis.basis, &snapshot[self.sums.low, 0]
        of = <const w2v_copies **> malloc((n + len(followers) + 1) * sizeof(w2v_copies *))
        if of == NULL:
            raise MemoryError("no memory for pointers to copies")
        for one in (*copies, *followers):
            of[k] = &one.outputs if outputs else &one.inputs
            k += 1
        room = np.empty(W2V_MERGE_WORK(self.sums.n_floats), np.float32)
        cdef float[::1] work = room
        with nogil:
            w2v_merge_copies(self.kernels, &self.sums, n, of, of_merge, into, k - n, of + n, &work[0])
        free(of)

    def fold_changes(self, const int32_t[::1] rows, const uint16_t[:, ::1] changes, const float[::1] curvature) -> None:
        """Add the changes of a worker that `packed_changes` made, all of them of rows of these sums."""
        cdef int64_t n = rows.shape[0]
        cdef int d = self.sums.n_floats
        if changes.shape[0] != n or changes.shape[1] > d or curvature.shape[0] != n:
            raise ValueError("rows, changes and curvatures do not belong together")
        if n == 0:
            return
        if rows[0] < self.sums.low or rows[n - 1] >= self.sums.high or (n > 1 and np.min(np.diff(rows)) <= 0):
            raise ValueError(f"rows must rise from {self.sums.low} to {self.sums.high - 1}")
        room = np.empty(d, np.float32)
        cdef float[::1] work = room
        with nogil:
            w2v_fold_changes(self.kernels, &self.sums, n, &rows[0], &changes[0, 0], <int> changes.shape[1],
                             &curvature[0], &work[0])

    def finish(self, Basis basis, float[:, ::1] snapshot, int64_t first=0) -> None:
        """Add the merged change to the snapshot: the matrix from row `first` on. The sums are of no use afterwards."""
        self.check(basis)
        if not 0 <= self.sums.low - first <= self.sums.high - first <= snapshot.shape[0]:
            raise ValueError("the snapshot does not have the rows of these sums")
        room = np.empty(W2V_MERGE_WORK(self.sums.n_floats), np.float32)
        cdef float[::1] work = room
        with nogil:
            w2v_finish_merge(self.kernels, &basis.basis, &self.sums, &snapshot[self.sums.low - first, 0], &work[0])

    cdef check(self, Basis basis):
        if basis.basis.n_floats != self.sums.n_floats:
            raise ValueError("the basis is that of rows of another length")
