/* Eigenvalues and eigenvectors of a symmetric matrix. */
#include "rounds/eigen.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define STEPS 60 /* for one eigenvalue; 2 or 3 are usual */

/* y += x * factor */
static void add_row(double *y, const double *x, double factor, int n)
{
    for (int j = 0; j < n; j++)
        y[j] += factor * x[j];
}

/* The reflection 1 - scale * v v' that maps x, of length n, to a multiple of the first axis. v replaces x. Returns
 * `scale`, 0 if x is such a multiple already; *first is the multiple. */
static double reflection(double *x, int n, double *first)
{
    double rest = 0;
    for (int i = 1; i < n; i++)
        rest += x[i] * x[i];
    *first = x[0];
    if (rest == 0)
        return 0;
    const double length = sqrt(x[0] * x[0] + rest);
    *first = x[0] > 0 ? -length : length;
    x[0] -= *first;
    return 2 / (x[0] * x[0] + rest);
}

/* Reduce a to the tridiagonal matrix with `diagonal` and `beside`; apply each reflection to the rows of q from the
 * left. */
static void tridiagonal(double *a, int n, double *diagonal, double *beside, double *p, double *q)
{
    for (int k = 0; k + 2 < n; k++) {
        const int m = n - k - 1;
        double *const v = a + (size_t)k * (size_t)n + k + 1; /* row k is also column k */
        const double scale = reflection(v, m, &beside[k]);
        if (scale == 0)
            continue;
        double *const below = a + ((size_t)k + 1) * (size_t)n + k + 1;
        memset(p, 0, (size_t)m * sizeof(double));
        for (int i = 0; i < m; i++)
            add_row(p, below + (size_t)i * (size_t)n, scale * v[i], m);
        double share = 0;
        for (int i = 0; i < m; i++)
            share += p[i] * v[i];
        add_row(p, v, -scale * share / 2, m);
        for (int i = 0; i < m; i++) {
            add_row(below + (size_t)i * (size_t)n, p, -v[i], m);
            add_row(below + (size_t)i * (size_t)n, v, -p[i], m);
        }
        memset(p, 0, (size_t)n * sizeof(double));
        for (int i = 0; i < m; i++)
            add_row(p, q + ((size_t)k + 1 + (size_t)i) * (size_t)n, scale * v[i], n);
        for (int i = 0; i < m; i++)
            add_row(q + ((size_t)k + 1 + (size_t)i) * (size_t)n, p, -v[i], n);
    }
    for (int k = 0; k < n; k++)
        diagonal[k] = a[(size_t)k * (size_t)n + (size_t)k];
    if (n > 1)
        beside[n - 2] = a[((size_t)n - 1) * (size_t)n - 1];
}

/* One implicit QR step on rows low .. high. */
static void qr_step(double *diagonal, double *beside, int low, int high, double *q, int n)
{
    const double half = (diagonal[high - 1] - diagonal[high]) / 2, last = beside[high - 1];
    const double root = sqrt(half * half + last * last);
    double x = diagonal[low] - (diagonal[high] - last * last / (half + (half < 0 ? -root : root)));
    double z = beside[low];
    for (int k = low; k < high; k++) {
        const double r = sqrt(x * x + z * z), c = r > 0 ? x / r : 1, s = r > 0 ? z / r : 0;
        const double a = diagonal[k], b = beside[k], d = diagonal[k + 1];
        if (k > low)
            beside[k - 1] = r;
        diagonal[k] = c * c * a + 2 * c * s * b + s * s * d;
        diagonal[k + 1] = s * s * a - 2 * c * s * b + c * c * d;
        beside[k] = c * s * (d - a) + (c * c - s * s) * b;
        if (k + 1 < high) {
            x = beside[k];
            z = s * beside[k + 1];
            beside[k + 1] *= c;
        }
        double *const first = q + (size_t)k * (size_t)n, *const second = first + n;
        for (int j = 0; j < n; j++) {
            const double f = first[j], g = second[j];
            first[j] = c * f + s * g;
            second[j] = c * g - s * f;
        }
    }
}

/* Whether the entry beside the diagonal after row k is 0 up to rounding. */
static int negligible(const double *diagonal, const double *beside, int k)
{
    return fabs(beside[k]) <= DBL_EPSILON * (fabs(diagonal[k]) + fabs(diagonal[k + 1])) + DBL_MIN;
}

/* Sort by falling eigenvalue; equal ones keep their order. */
static void sort(double *values, double *vectors, double *room, int n)
{
    for (int i = 1; i < n; i++) {
        const double value = values[i];
        int to = i;
        while (to > 0 && values[to - 1] < value)
            to--;
        if (to == i)
            continue;
        double *const from = vectors + (size_t)i * (size_t)n, *const place = vectors + (size_t)to * (size_t)n;
        memcpy(room, from, (size_t)n * sizeof(double));
        memmove(place + n, place, (size_t)(i - to) * (size_t)n * sizeof(double));
        memcpy(place, room, (size_t)n * sizeof(double));
        memmove(values + to + 1, values + to, (size_t)(i - to) * sizeof(double));
        values[to] = value;
    }
}

int w2v_eigen(double *a, int n, double *values, double *vectors, double *work)
{
    double *const beside = work, *const room = work + n;
    memset(vectors, 0, (size_t)n * (size_t)n * sizeof(double));
    for (int k = 0; k < n; k++)
        vectors[(size_t)k * (size_t)n + (size_t)k] = 1;
    tridiagonal(a, n, values, beside, room, vectors);
    for (int high = n - 1; high > 0; high--)
        for (int steps = 0; !negligible(values, beside, high - 1); steps++) {
            int low = high - 1;
            if (steps == STEPS)
                return 0;
            while (low > 0 && !negligible(values, beside, low - 1))
                low--;
            qr_step(values, beside, low, high, vectors, n);
        }
    sort(values, vectors, room, n);
    return 1;
}
