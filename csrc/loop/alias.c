/* Construction of the alias table, and draws in a plain loop. */
#include "loop/alias.h"

#include "base.h"
#include "loop/rng.h"

/* Draws whose entries are fetched together: those of large vocabularies are not in the nearest caches. */
enum { W2V_DRAWS = 32 };

void w2v_alias_build(double *p, int64_t n, w2v_alias *table, int32_t *stack)
{
    int64_t n_small = 0, n_large = 0; /* two stacks in one array: small cells from the front, large from the back */
    for (int64_t i = 0; i < n; i++) {
        p[i] *= (double)n;
        if (p[i] < 1.0)
            stack[n_small++] = (int32_t)i;
        else
            stack[n - ++n_large] = (int32_t)i;
    }
    while (n_small && n_large) {
        const int32_t small = stack[--n_small], large = stack[n - n_large];
        const double share = p[small] * 4294967296.0;
        table[small].threshold = share >= 4294967295.0 ? 0xffffffffu : (uint32_t)share;
        table[small].other = large;
        p[large] -= 1.0 - p[small];
        if (p[large] < 1.0) {
            n_large--;
            stack[n_small++] = large;
        }
    }
    /* The remaining cells are full except for rounding: both outcomes of a draw are the cell itself. */
    while (n_small)
        n_small--, table[stack[n_small]].threshold = 0xffffffffu, table[stack[n_small]].other = stack[n_small];
    for (; n_large; n_large--)
        table[stack[n - n_large]].threshold = 0xffffffffu, table[stack[n - n_large]].other = stack[n - n_large];
}

void w2v_alias_fill(const w2v_alias *table, uint64_t n, uint64_t *state, int32_t *out, int64_t count)
{
    uint64_t products[W2V_DRAWS];
    for (int64_t i = 0; i < count; i += W2V_DRAWS) {
        const int draws = count - i < W2V_DRAWS ? (int)(count - i) : W2V_DRAWS;
        for (int k = 0; k < draws; k++) {
            products[k] = w2v_alias_product(n, w2v_random(state));
            w2v_prefetch_read(table + (products[k] >> 32));
        }
        for (int k = 0; k < draws; k++)
            out[i + k] = w2v_alias_decide(table, products[k]);
    }
}
