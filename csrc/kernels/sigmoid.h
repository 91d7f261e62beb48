/* The exponential and the logistic function of a vector, without a table.
 *
 * exp(x): x = n ln(2) + r with abs(r) <= ln(2)/2, where ln(2) is split into two parts so that r is
 * exact to the last bits (Cody and Waite 1980), and the exponential series to the 7th power (relative error below 6e-9,
 * less than the rounding). x is clamped to -87 .. 87, where e neither overflows nor becomes denormal. */
#ifndef W2V_SIGMOID_H
#define W2V_SIGMOID_H

#include "kernels/blocks.h"

static const float sigmoid_numbers[] = {
    -87.0f,     87.0f,      1.44269504f, 2.12194440e-4f, -0.693359375f, 1.0f / 5040,
    1.0f / 720, 1.0f / 120, 1.0f / 24,   1.0f / 6,       0.5f,          1.0f,
};

W2V_INLINE vec exp_vec(vec x)
{
    const float *k = sigmoid_numbers;
    HIDE(k); /* load the constants where they are used: in registers they would displace the sums */
    const vec one = vec_set1(k[11]);
    x = vec_max(vec_set1(k[0]), vec_min(vec_set1(k[1]), x));
    const vec n = vec_round(vec_mul(x, vec_set1(k[2])));
    const vec r = vec_fma(n, vec_set1(k[3]), vec_fma(n, vec_set1(k[4]), x));
    const vec rr = vec_mul(r, r); /* Estrin's scheme: halves the dependency chain */
    vec p = vec_fma(vec_set1(k[5]), r, vec_set1(k[6]));
    p = vec_fma(p, rr, vec_fma(vec_set1(k[7]), r, vec_set1(k[8])));
    p = vec_fma(p, rr, vec_fma(vec_set1(k[9]), r, vec_set1(k[10])));
    p = vec_fma(p, rr, vec_add(r, one));
    return vec_mul(p, vec_pow2(n));
}

W2V_INLINE vec sigmoid_vec(vec x)
{
    const vec e = exp_vec(x);
    return vec_div(e, vec_add(e, vec_set1(1.0f)));
}

static void sigmoid_slot(float *values, int n)
{
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        vec_store(values + i, sigmoid_vec(vec_load(values + i)));
    if (i < n) {
        float tail[LANES] = {0};
        for (int k = 0; k < n - i; k++)
            tail[k] = values[i + k];
        vec_store(tail, sigmoid_vec(vec_load(tail)));
        for (int k = 0; k < n - i; k++)
            values[i + k] = tail[k];
    }
}

#endif
