/* Updates of steps with one or two inputs, a part of `kernels_template.h`. */

#define FOR_EACH_U(DO)                                                                                                \
    switch (U) {                                                                                                      \
    CASES_TO_8(DO)                                                                                                    \
    }

/* With one or two inputs (CBOW, the ends of lines) these and their updates stay in registers, U vectors of each, while
 * the output rows walk by: each g is read once, not once a vector. The same sums in the same order as above. */
#define FEW_PART(P) (REGISTERS >= 32 ? ((P) == 2 ? 7 : 8) : ((P) == 2 ? 3 : 4))

INLINE void update_few_part(const int P, const int U, const w2v_window *w, const float *g, int stride, int j)
{
    float *const *const rows = w->outputs;
    float *const in = w->inputs[0] + j, *const other = w->inputs[P - 1] + j;
    const int S = w->n_outputs;
    vec x[8], y[8], z[8], v[8]; /* both inputs x, z and with their updates y, v */
    UNROLL for (int u = 0; u < U; u++) {
        prefetch_line(w, j + u * LANES);
        x[u] = y[u] = vec_load(in + u * LANES);
        z[u] = v[u] = vec_load(other + u * LANES);
    }
    for (int s = 0; s < S; s++) {
        float *const row = rows[s] + j;
        const vec a = vec_set1(g[s]), b = vec_set1(g[stride * (P - 1) + s]);
        UNROLL for (int u = 0; u < U; u++) {
            vec o = vec_load(row + u * LANES), d = vec_mul(a, x[u]);
            vec_keep(o);
            y[u] = vec_fma(a, o, y[u]);
            if (P == 2) {
                v[u] = vec_fma(b, o, v[u]);
                d = vec_fma(b, z[u], d);
            }
            vec_store(row + u * LANES, vec_add(o, d));
        }
    }
    UNROLL for (int u = 0; u < U; u++) {
        vec_store(in + u * LANES, y[u]);
        if (P == 2)
            vec_store(other + u * LANES, v[u]);
    }
}

INLINE void update_few(const int P, const w2v_window *w, const float *g, int stride)
{
    const int vectors = w->n_floats / LANES;
    for (int parts = (vectors + FEW_PART(P) - 1) / FEW_PART(P), done = 0, U; parts > 0; parts--, done += U) {
        U = (vectors - done + parts - 1) / parts;
#define DO(U) update_few_part(P, U, w, g, stride, done * LANES)
        FOR_EACH_U(DO)
#undef DO
    }
}
