/* The slots of `w2v_blend`, a part of `kernels_template.h`: rows into hidden rows and back.
 *
 * U vectors of the hidden rows, or of their changes, stay in registers while the rows walk by. The vectors of a row go in
 * parts of nearly equal size: 7 of them (d=100 with 16 lanes) are one part, where 4 + 2 + 1 would be three. */
#define BLEND_PART (REGISTERS >= 32 ? 8 : 4)

INLINE void gather_part(const int H, const int U, const w2v_blend *m, int j)
{
    float *const *const rows = m->rows;
    const float *const first = m->weights, *const second = first + m->weight_floats;
    const int n = m->n_rows;
    vec a[8], b[8];
    UNROLL for (int u = 0; u < U; u++) a[u] = b[u] = vec_set1(0.0f);
    for (int r = 0; r < n; r++) {
        const float *const row = rows[r] + j;
        const vec v = vec_set1(first[r]), w = vec_set1(H == 2 ? second[r] : 0.0f);
        UNROLL for (int u = 0; u < U; u++) {
            vec x = vec_load(row + u * LANES);
            vec_keep(x);
            a[u] = vec_fma(v, x, a[u]);
            if (H == 2)
                b[u] = vec_fma(w, x, b[u]);
        }
    }
    UNROLL for (int u = 0; u < U; u++) {
        vec_store(m->hidden[0] + j + u * LANES, a[u]);
        vec_store(m->before[0] + j + u * LANES, a[u]);
        if (H == 2) {
            vec_store(m->hidden[1] + j + u * LANES, b[u]);
            vec_store(m->before[1] + j + u * LANES, b[u]);
        }
    }
}

INLINE void scatter_part(const int H, const int U, const w2v_blend *m, int j)
{
    float *const *const rows = m->rows;
    const float *const first = m->weights, *const second = first + m->weight_floats;
    const int n = m->n_rows;
    vec a[8], b[8];
    UNROLL for (int u = 0; u < U; u++) {
        const int i = j + u * LANES;
        a[u] = vec_sub(vec_load(m->hidden[0] + i), vec_load(m->before[0] + i));
        if (H == 2)
            b[u] = vec_sub(vec_load(m->hidden[1] + i), vec_load(m->before[1] + i));
    }
    for (int r = 0; r < n; r++) {
        float *const row = rows[r] + j;
        const vec v = vec_set1(first[r]), w = vec_set1(H == 2 ? second[r] : 0.0f);
        UNROLL for (int u = 0; u < U; u++) {
            vec x = vec_fma(v, a[u], vec_load(row + u * LANES));
            if (H == 2)
                x = vec_fma(w, b[u], x);
            vec_store(row + u * LANES, x);
        }
    }
}

INLINE void blend(const int H, const int gathers, const w2v_blend *m)
{
    const int vectors = m->n_floats / LANES;
    for (int parts = (vectors + BLEND_PART - 1) / BLEND_PART, done = 0, U; parts > 0; parts--, done += U) {
        U = (vectors - done + parts - 1) / parts;
        if (gathers) {
#define DO(U) gather_part(H, U, m, done * LANES)
            FOR_EACH_U(DO)
#undef DO
        } else {
#define DO(U) scatter_part(H, U, m, done * LANES)
            FOR_EACH_U(DO)
#undef DO
        }
    }
}

static void gather_slot(const w2v_blend *m)
{
    if (m->n_hidden == 2)
        blend(2, 1, m);
    else
        blend(1, 1, m);
}

static void scatter_slot(const w2v_blend *m)
{
    if (m->n_hidden == 2)
        blend(2, 0, m);
    else
        blend(1, 0, m);
}
