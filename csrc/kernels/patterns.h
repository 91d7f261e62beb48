/* Labels and weights of a step by the kind of a context (kernels.h), as the kernels read them. */
#ifndef W2V_PATTERNS_H
#define W2V_PATTERNS_H

#include <stddef.h>
#include <string.h>

#define W2V_KINDS 4

/* Fill `patterns` (2 * W2V_KINDS, pattern_floats) for steps with n_centres (1 or 2) centres among n_outputs outputs:
 * for each kind its labels, then its weights; zeros after the last output. */
static inline void w2v_fill_patterns(float *patterns, int n_outputs, int n_centres, int pattern_floats)
{
    const size_t width = (size_t)pattern_floats;
    memset(patterns, 0, 2 * W2V_KINDS * width * sizeof(float));
    for (int kind = 0; kind < W2V_KINDS; kind++) {
        float *const labels = patterns + 2 * (size_t)kind * width, *const weights = labels + width;
        const int first = kind & 1, second = kind >> 1;
        for (int s = 0; s < n_outputs; s++) {
            const int own = s == 0 ? first : second;
            labels[s] = s < n_centres ? (float)own : 0.0f;
            weights[s] = s < n_centres ? (float)own : (float)(first + second);
        }
    }
}

#endif
