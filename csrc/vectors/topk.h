/* The best scores of a query over many blocks of scores: the part of a search that is not a matrix product.
 *
 * A score is number[j] * scale[j] + shift[j]; scale and shift may be NULL (1 and 0). A score that is NaN or -infinity
 * is never kept. Of equal scores the earlier one is kept, so rows must be added in rising order. */
#ifndef W2V_TOPK_H
#define W2V_TOPK_H

#include <stdint.h>

/* The best `size` scores so far, at most `room`, as a heap with the worst at the root. */
typedef struct {
    float *score;
    int64_t *row;
    int64_t size, room;
} w2v_top;

/* Add `width` numbers of the rows rows[0 .. width-1], or first, first + 1, ... if `rows` is NULL. The rows in
 * skip[0 .. n_skip-1] are ignored. */
void w2v_top_add(w2v_top *top, const float *number, int64_t width, const float *scale, const float *shift,
                 const int64_t *rows, int64_t first, const int64_t *skip, int64_t n_skip);

/* Sort the kept scores: greatest first, equal scores by rising row. No more may be added afterwards. */
void w2v_top_sort(w2v_top *top);

/* 3CosMul (Levy & Goldberg 2014, equation 4, with footnote 7): for each of `width` words the product of its cosines
 * with the terms of positive weight, divided by epsilon + the product for the other terms; cosines are shifted to 0..1.
 * number[t * stride + j] * scale[j] is the cosine of term t. A weight is an exponent: 1 and -1 are the paper's, 0
 * leaves the term out. */
void w2v_cosmul(const float *number, int64_t stride, int64_t width, const float *scale, const float *weight,
                int64_t terms, float epsilon, float *out);

#endif
