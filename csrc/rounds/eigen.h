/* Eigenvalues and eigenvectors of a symmetric matrix, in a fixed order of operations: the same bytes on every machine
 * that rounds as IEEE 754 does. LAPACK's order depends on the library and on the number of threads.
 *
 * Householder reduction to a tridiagonal matrix, then implicit QR steps with Wilkinson's shift (Golub and Van Loan 2013,
 * "Matrix Computations", algorithms 8.3.1 to 8.3.3). */
#ifndef W2V_EIGEN_H
#define W2V_EIGEN_H

#include <stddef.h>

/* Doubles of room that w2v_eigen needs besides the matrix and its results. */
#define W2V_EIGEN_WORK(n) (3 * (size_t)(n))

/* The eigenvalues of the symmetric matrix a (n, n), n >= 1, largest first, and the eigenvectors as the rows of
 * `vectors` (n, n). `a` is overwritten. Returns 0 if the steps do not end, which needs numbers that are not finite. */
int w2v_eigen(double *a, int n, double *values, double *vectors, double *work);

#endif
