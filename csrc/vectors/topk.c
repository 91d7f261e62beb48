/* A heap of the best scores, filled in blocks that are mostly rejected at once. */
#include "vectors/topk.h"

#include <math.h>

enum { BLOCK = 64 }; /* scores compared at once; nearly always none of them is good enough */

/* Whether a is a worse answer than b. */
static inline int worse(float score_a, int64_t row_a, float score_b, int64_t row_b)
{
    return score_a < score_b || (score_a == score_b && row_a > row_b);
}

/* Put (score, row) into the hole at `at` and let it sink until no child is worse. */
static void sink(w2v_top *top, int64_t at, int64_t size, float score, int64_t row)
{
    for (int64_t child; (child = 2 * at + 1) < size; at = child) {
        if (child + 1 < size && worse(top->score[child + 1], top->row[child + 1], top->score[child], top->row[child]))
            child++;
        if (!worse(top->score[child], top->row[child], score, row))
            break;
        top->score[at] = top->score[child];
        top->row[at] = top->row[child];
    }
    top->score[at] = score;
    top->row[at] = row;
}

static void rise(w2v_top *top, float score, int64_t row)
{
    int64_t at = top->size++;
    for (int64_t parent; at > 0; at = parent) {
        parent = (at - 1) / 2;
        if (!worse(score, row, top->score[parent], top->row[parent]))
            break;
        top->score[at] = top->score[parent];
        top->row[at] = top->row[parent];
    }
    top->score[at] = score;
    top->row[at] = row;
}

static inline float bar(const w2v_top *top) { return top->size < top->room ? -INFINITY : top->score[0]; }

static int contains(const int64_t *values, int64_t count, int64_t value)
{
    for (int64_t i = 0; i < count; i++)
        if (values[i] == value)
            return 1;
    return 0;
}

/* Whether any score of a block is above the limit. Always BLOCK numbers, so that the compiler vectorizes it; the scores
 * are not kept, because hardly any block has one above the limit. -(a > b) is the mask that a comparison yields. */
static int any_above(const float *restrict number, const float *restrict scale, const float *restrict shift,
                     float limit)
{
    int any = 0;
    if (scale && shift)
        for (int j = 0; j < BLOCK; j++)
            any |= -(number[j] * scale[j] + shift[j] > limit);
    else if (scale)
        for (int j = 0; j < BLOCK; j++)
            any |= -(number[j] * scale[j] > limit);
    else if (shift)
        for (int j = 0; j < BLOCK; j++)
            any |= -(number[j] + shift[j] > limit);
    else
        for (int j = 0; j < BLOCK; j++)
            any |= -(number[j] > limit);
    return any;
}

void w2v_top_add(w2v_top *top, const float *number, int64_t width, const float *scale, const float *shift,
                 const int64_t *rows, int64_t first, const int64_t *skip, int64_t n_skip)
{
    if (top->room < 1)
        return;
    for (int64_t start = 0; start < width; start += BLOCK) {
        const int64_t end = start + BLOCK < width ? start + BLOCK : width;
        if (end - start == BLOCK &&
            !any_above(number + start, scale ? scale + start : 0, shift ? shift + start : 0, bar(top)))
            continue;
        for (int64_t j = start; j < end; j++) {
            const float score = number[j] * (scale ? scale[j] : 1.0f) + (shift ? shift[j] : 0.0f);
            if (!(score > bar(top)))
                continue;
            const int64_t row = rows ? rows[j] : first + j;
            if (contains(skip, n_skip, row))
                continue;
            if (top->size < top->room)
                rise(top, score, row);
            else
                sink(top, 0, top->size, score, row);
        }
    }
}

void w2v_top_sort(w2v_top *top)
{
    for (int64_t last = top->size - 1; last > 0; last--) {
        const float score = top->score[last];
        const int64_t row = top->row[last];
        top->score[last] = top->score[0];
        top->row[last] = top->row[0];
        sink(top, 0, last, score, row);
    }
}

void w2v_cosmul(const float *number, int64_t stride, int64_t width, const float *scale, const float *weight,
                int64_t terms, float epsilon, float *out)
{
    float above[BLOCK], below[BLOCK];
    for (int64_t start = 0; start < width; start += BLOCK) {
        const int count = width - start < BLOCK ? (int)(width - start) : BLOCK;
        for (int j = 0; j < count; j++)
            above[j] = below[j] = 1.0f;
        for (int64_t t = 0; t < terms; t++) {
            const float *cosine = number + t * stride + start, power = fabsf(weight[t]);
            float *product = weight[t] > 0 ? above : below;
            if (power == 1.0f)
                for (int j = 0; j < count; j++)
                    product[j] *= (1.0f + cosine[j] * scale[start + j]) * 0.5f;
            else if (power > 0)
                for (int j = 0; j < count; j++)
                    product[j] *= powf(fmaxf((1.0f + cosine[j] * scale[start + j]) * 0.5f, 0.0f), power);
        }
        for (int j = 0; j < count; j++)
            out[start + j] = above[j] / (below[j] + epsilon);
    }
}
