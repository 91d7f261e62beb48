/* Kernel tests for machines without Python: every slot of every instruction set that this machine (or emulator) can run,
 * against sums in double. It prints one line for each instruction set. tests/platforms/check_aarch64.sh builds it and
 * runs it in an emulator.
 *
 * Bounds as in test_kernels.py: (n + 2) eps sum |x y| for a sum of n products. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"
#include "kernels/patterns.h"
#include "loop/alias.h"
#include "loop/rng.h"
#include "rounds/bfloat16.h"

enum { MAX_C = 20, MAX_S = 26, MAX_N = 304 };

static _Alignas(64) float inputs[MAX_C + 1][MAX_N], outputs[MAX_S + 1][MAX_N];
static _Alignas(64) float old_inputs[MAX_C + 1][MAX_N], old_outputs[MAX_S + 1][MAX_N];
static _Alignas(64) float work[W2V_WORK_FLOATS(MAX_C, MAX_S)];
static float got[MAX_C * MAX_S], given[MAX_C * MAX_S], patterns[8 * W2V_PATTERN_FLOATS(MAX_S)];
static uint8_t kinds[MAX_C];
static int failures, checks;

static void check(const char *isa, const char *slot, int C, int S, int n, double value, double expected, double bound)
{
    checks++;
    if (fabs(value - expected) <= bound)
        return;
    if (failures++ < 10)
        printf("%s %s: C=%d S=%d n=%d: %.9g instead of %.9g (bound %.3g)\n", isa, slot, C, S, n, value, expected,
               bound);
}

static float uniform(uint64_t *state) { return (float)((double)(w2v_random(state) >> 11) * 0x1p-52 - 1.0) * 0.3f; }

static void fill(int n, uint64_t seed)
{
    uint64_t state = seed;
    memset(inputs, 0, sizeof inputs), memset(outputs, 0, sizeof outputs);
    for (int r = 0; r <= MAX_C; r++)
        for (int j = 0; j < n; j++)
            inputs[r][j] = uniform(&state);
    for (int r = 0; r <= MAX_S; r++)
        for (int j = 0; j < n; j++)
            outputs[r][j] = uniform(&state);
    for (int k = 0; k < MAX_C * MAX_S; k++)
        given[k] = uniform(&state);
    memcpy(old_inputs, inputs, sizeof inputs), memcpy(old_outputs, outputs, sizeof outputs);
}

/* The rows after a rank update by g, against sums in double; other rows must not have changed. */
static void check_rows(const w2v_kernels *k, const char *slot, int C, int S, int n, const double *g)
{
    for (int j = 0; j < n; j++) {
        for (int c = 0; c < C; c++) {
            double sum = old_inputs[c][j], size = fabs(sum);
            for (int s = 0; s < S; s++)
                sum += g[c * S + s] * old_outputs[s][j], size += fabs(g[c * S + s] * old_outputs[s][j]);
            check(k->name, slot, C, S, n, inputs[c][j], sum, (S + 4) * FLT_EPSILON * size + 3e-7);
        }
        for (int s = 0; s < S; s++) {
            double sum = old_outputs[s][j], size = fabs(sum);
            for (int c = 0; c < C; c++)
                sum += g[c * S + s] * old_inputs[c][j], size += fabs(g[c * S + s] * old_inputs[c][j]);
            check(k->name, slot, C, S, n, outputs[s][j], sum, (C + 4) * FLT_EPSILON * size + 3e-7);
        }
    }
    if (memcmp(inputs[MAX_C], old_inputs[MAX_C], sizeof inputs[0]) ||
        memcmp(outputs[MAX_S], old_outputs[MAX_S], sizeof outputs[0]))
        failures++, printf("%s %s: changed a row outside the window\n", k->name, slot);
}

/* The squares of g that a step has added to 1 for each input and 2 for each output, and one number behind them. */
static void check_squares(const w2v_kernels *k, int C, int S, int n, const double *g, const float *of_inputs,
                          const float *of_outputs)
{
    for (int c = 0; c < C; c++) {
        double sum = 1;
        for (int s = 0; s < S; s++)
            sum += g[c * S + s] * g[c * S + s];
        check(k->name, "squares of an input", C, S, n, of_inputs[c], sum, 1e-5 * sum);
    }
    for (int s = 0; s < S; s++) {
        double sum = 2;
        for (int c = 0; c < C; c++)
            sum += g[c * S + s] * g[c * S + s];
        check(k->name, "squares of an output", C, S, n, of_outputs[s], sum, 1e-5 * sum);
    }
    if (of_inputs[C] != 1 || of_outputs[S] != 2)
        failures++, printf("%s window_update: wrote behind the squares\n", k->name);
}

static void check_window(const w2v_kernels *k, int C, int S, int n, int n_centres)
{
    static double g[MAX_C * MAX_S];
    float *in[MAX_C], *out[MAX_S];
    const float *ahead[MAX_S + 1];
    for (int c = 0; c < C; c++)
        in[c] = inputs[c];
    for (int s = 0; s < S; s++)
        out[s] = outputs[s];
    for (int s = 0; s <= S; s++)
        ahead[s] = inputs[0];
    for (int c = 0; c < C; c++)
        kinds[c] = n_centres == 1 ? 1 : (uint8_t)(c % 4);
    w2v_fill_patterns(patterns, S, n_centres, W2V_PATTERN_FLOATS(S));
    float of_inputs[MAX_C + 1], of_outputs[MAX_S + 1];
    w2v_window w = {.inputs = in,
                    .outputs = out,
                    .kinds = kinds,
                    .patterns = patterns,
                    .prefetch = ahead,
                    .work = work,
                    .n_inputs = C,
                    .n_outputs = S,
                    .n_prefetch = S + 1,
                    .pattern_floats = W2V_PATTERN_FLOATS(S),
                    .n_used = n,
                    .alpha = 0.1f};

    fill(n, (uint64_t)(C * 1000 + S));
    k->scores(&w, got);
    for (int c = 0; c < C; c++)
        for (int s = 0; s < S; s++) {
            double sum = 0, size = 0;
            for (int j = 0; j < n; j++)
                sum += (double)inputs[c][j] * outputs[s][j], size += fabs((double)inputs[c][j] * outputs[s][j]);
            check(k->name, "scores", C, S, n, got[c * S + s], sum, (n + 2) * FLT_EPSILON * size);
            const int first = kinds[c] & 1, second = kinds[c] >> 1;
            const int label = s >= n_centres ? 0 : s == 0 ? first : second;
            const int weight = s >= n_centres ? first + second : label;
            g[c * S + s] = 0.1f * (label - weight / (1 + exp(-sum)));
        }
    k->window_update(&w);
    check_rows(k, "window_update", C, S, n, g);
    fill(n, (uint64_t)(C * 1000 + S));
    for (int c = 0; c <= C; c++)
        of_inputs[c] = 1;
    for (int s = 0; s <= S; s++)
        of_outputs[s] = 2;
    w.input_squares = of_inputs, w.output_squares = of_outputs;
    k->window_update(&w);
    check_rows(k, "window_update with squares", C, S, n, g);
    check_squares(k, C, S, n, g, of_inputs, of_outputs);
    w.input_squares = w.output_squares = NULL;
    fill(n, (uint64_t)(C * 1000 + S + 7));
    for (int i = 0; i < C * S; i++)
        g[i] = given[i];
    k->rank_update(&w, given);
    check_rows(k, "rank_update", C, S, n, g);
}

static double phi(double z) { return z < 1e-8 ? 1 : -expm1(-z) / z; }

/* add_change and correct on rows of n floats, as with two workers of different curvature. */
static void check_sums(const w2v_kernels *k, int n)
{
    float *const sum = inputs[0], *const weighted = inputs[1], *const values = inputs[2];
    for (int based = 0; based <= 1; based++) {
        const float *const base = based ? old_inputs[1] : NULL, *const row = old_inputs[0];
        memset(sum, 0, (size_t)n * sizeof(float));
        memset(weighted, 0, (size_t)n * sizeof(float));
        for (int times = 1; times <= 2; times++)
            k->add_change(row, base, 0.4f * (float)times, n, sum, weighted);
        for (int j = 0; j < n; j++) {
            const double change = w2v_float_of(w2v_bfloat16(row[j] - (based ? base[j] : 0))), size = fabs(change);
            check(k->name, "add_change", based, 0, n, sum[j], 2 * change, 4 * FLT_EPSILON * size);
            check(k->name, "add_change", based, 1, n, weighted[j], 1.2f * change, 8 * FLT_EPSILON * size);
        }
    }
    for (int j = 0; j < n; j++) /* from 1e-2 to 1e3 */
        values[j] = (float)pow(10, 3 - 5.0 * j / n);
    memcpy(sum, old_inputs[0], sizeof inputs[0]);
    memcpy(weighted, old_inputs[1], sizeof inputs[1]);
    k->correct(sum, weighted, values, 1.2f, 0.7f, n);
    for (int j = 0; j < n; j++) {
        const double z = 0.7f * (double)values[j], s = old_inputs[0][j], t = old_inputs[1][j];
        const double slope = (1 / phi(z) - 1) / 0.7f, share = phi(1.2f * (double)values[j]);
        const double size = fabs(s) + (slope + 1) * fabs(t), error = 20 * FLT_EPSILON / fmin(z, 1) + 100 * FLT_EPSILON;
        check(k->name, "correct", 0, 0, n, sum[j], share * (s + slope * t) - s, error * size);
    }
}

/* rotate, the sums and add_outer on rows of n floats; `rows` of them are rotated. */
static void check_merge(const w2v_kernels *k, int rows, int n)
{
    static _Alignas(64) float basis[MAX_N * MAX_N], from[MAX_S * MAX_N], turned[MAX_S * MAX_N + 1];
    uint64_t state = (uint64_t)(rows + n);
    fill(n, (uint64_t)(rows * 100 + n));
    for (int i = 0; i < n * n; i++)
        basis[i] = uniform(&state);
    for (int r = 0; r < rows; r++)
        memcpy(from + r * n, outputs[rows - 1 - r], (size_t)n * sizeof(float));
    for (int n_out = 16; n_out <= n; n_out += n > 48 ? 64 : 16) {
        turned[rows * n_out] = 77.0f;
        k->rotate(from, rows, n, basis, n_out, n, turned);
        for (int r = 0; r < rows; r++)
            for (int j = 0; j < n_out; j++) {
                double sum = 0, size = 0;
                for (int i = 0; i < n; i++)
                    sum += (double)from[r * n + i] * basis[i * n + j],
                        size += fabs((double)from[r * n + i] * basis[i * n + j]);
                check(k->name, "rotate", rows, n_out, n, turned[r * n_out + j], sum, (n + 2) * FLT_EPSILON * size);
            }
        if (turned[rows * n_out] != 77.0f)
            failures++, printf("%s rotate: wrote behind its rows\n", k->name);
    }
    check_sums(k, n);
    memset(basis, 0, sizeof basis);
    for (int r = 0; r < rows; r++)
        k->add_outer(outputs[r], 0.5f, n, basis);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double sum = 0, size = 0;
            for (int r = 0; r < rows; r++) {
                const double x = 0.5 * outputs[r][i] * outputs[r][j];
                sum += x, size += fabs(x);
            }
            check(k->name, "add_outer", rows, i, n, basis[i * n + j], sum, (rows + 3) * FLT_EPSILON * size);
        }
}

static void check_sigmoid(const w2v_kernels *k)
{
    for (int n = 0; n <= 3 * k->lanes + 1; n++) {
        float room[64], *values = room + 1;
        for (int i = 0; i < n + 2; i++)
            room[i] = 77.0f;
        for (int i = 0; i < n; i++)
            values[i] = (float)(i * 7 - n * 3);
        k->sigmoid(values, n);
        for (int i = 0; i < n; i++) {
            const double x = fmin(fmax(i * 7 - n * 3, -87), 87), expected = 1 / (1 + exp(-x));
            check(k->name, "sigmoid", 0, 0, n, values[i], expected, 8 * FLT_EPSILON * expected);
        }
        if (room[0] != 77.0f || room[n + 1] != 77.0f)
            failures++, printf("%s sigmoid: wrote outside of its array\n", k->name);
    }
    float odd[4] = {NAN, INFINITY, -INFINITY, 1e30f};
    k->sigmoid(odd, 4);
    if (!isnan(odd[0]) || odd[1] != 1.0f || !(odd[2] >= 0 && odd[2] < 1e-37f) || odd[3] != 1.0f)
        failures++, printf("%s sigmoid: wrong at NaN or infinity\n", k->name);
}

/* Whether row r counts in hidden row h. */
static double counts(int r, int h, int n_common, int n_own)
{
    return r < n_common || (r >= n_common + h * n_own && r < n_common + (h + 1) * n_own);
}

static void check_blend(const w2v_kernels *k, int n_common, int n_own, int n, int n_hidden, const float *masses)
{
    static _Alignas(64) float hidden[2][MAX_N];
    const int n_rows = n_common + n_hidden * n_own;
    float *rows[MAX_C], *const now[2] = {hidden[0], hidden[1]};
    fill(n, (uint64_t)(n_rows * 100 + n));
    for (int r = 0; r < n_rows; r++)
        rows[r] = inputs[r];
    const w2v_blend blend = {.rows = rows,
                             .masses = masses,
                             .hidden = now,
                             .factor = {0.5f, 0.3f},
                             .n_common = n_common,
                             .n_own = {n_own, n_hidden == 2 ? n_own : 0},
                             .n_hidden = n_hidden,
                             .n_used = n};
    k->gather(&blend);
    for (int j = 0; j < n; j++)
        for (int h = 0; h < n_hidden; h++) {
            double sum = 0, size = 0;
            for (int r = 0; r < n_rows; r++) {
                const double x =
                    counts(r, h, n_common, n_own) * blend.factor[h] * (masses ? masses[r] : 1) * inputs[r][j];
                sum += x, size += fabs(x);
            }
            check(k->name, "gather", n_rows, n_hidden, n, hidden[h][j], sum, (n_rows + 3) * FLT_EPSILON * size);
            hidden[h][j] = outputs[h][j];
        }
    k->scatter(&blend);
    for (int j = 0; j < n; j++)
        for (int r = 0; r < n_rows; r++) {
            double sum = old_inputs[r][j];
            for (int h = 0; h < n_hidden; h++)
                sum +=
                    counts(r, h, n_common, n_own) * blend.factor[h] * (masses ? masses[r] : 1) * (double)hidden[h][j];
            check(k->name, "scatter", n_rows, n_hidden, n, inputs[r][j], sum, 3e-6);
        }
    if (memcmp(inputs[MAX_C], old_inputs[MAX_C], sizeof inputs[0]))
        failures++, printf("%s scatter: changed another row\n", k->name);
}

static void check_draw(const w2v_kernels *k)
{
    enum { N = 1000 };
    static w2v_alias table[N];
    static double p[N];
    static int32_t stack[N], out[40 + W2V_DRAW_SLACK];
    for (int i = 0; i < N; i++)
        p[i] = (i + 1) / (N * (N + 1) / 2.0);
    w2v_alias_build(p, N, table, stack);
    for (int count = 0; count <= 40; count++) {
        uint64_t state = 77, expected = 77;
        k->draw(table, N, &state, out, count);
        for (int i = 0; i < count; i++)
            check(k->name, "draw", count, i, N, out[i], w2v_alias_draw(table, N, w2v_random(&expected)), 0);
        if (state != expected)
            failures++, printf("%s draw: the random stream is wrong after %d draws\n", k->name, count);
    }
}

int main(void)
{
    static const int sizes[] = {16, 24, 104, 112, 304};
    static const int contexts[] = {0, 1, 2, 3, 6, 7, 10, 20};
    const w2v_kernels *k;
    for (int i = 0; (k = w2v_kernels_available(i)); i++) {
        checks = 0;
        check_sigmoid(k);
        check_draw(k);
        for (unsigned a = 0; a < sizeof sizes / sizeof *sizes; a++)
            for (int rows = 0; rows <= MAX_C - 4; rows++)
                for (int n_hidden = 1; n_hidden <= 2; n_hidden++)
                    for (int n_own = 0; n_own <= 2; n_own++) {
                        check_blend(k, rows, n_own, sizes[a], n_hidden, NULL);
                        check_blend(k, rows, n_own, sizes[a], n_hidden, given + MAX_C);
                    }
        for (unsigned a = 0; a < sizeof sizes / sizeof *sizes; a++)
            for (int rows = 0; rows <= 13; rows += rows < 7 ? 1 : 6)
                check_merge(k, rows, sizes[a]);
        for (unsigned a = 0; a < sizeof sizes / sizeof *sizes; a++)
            for (unsigned b = 0; b < sizeof contexts / sizeof *contexts; b++)
                for (int S = 1; S <= MAX_S; S++) {
                    check_window(k, contexts[b], S, sizes[a], 1);
                    if (S > 1)
                        check_window(k, contexts[b], S, sizes[a], 2);
                }
        printf("%s: %d numbers checked\n", k->name, checks);
    }
    printf("%d failures\n", failures);
    return failures != 0;
}
