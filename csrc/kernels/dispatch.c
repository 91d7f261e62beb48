/* The kernels that this machine can run, and the constants that all of them read. To add an instruction set: its file,
 * its test in cpu.c, its line here. */
#include <stddef.h>
#include <string.h>

#include "kernels/kernels.h"

const w2v_kernels *w2v_kernels_available(int i)
{
    const w2v_kernels *found[4];
    int n = 0;
#if defined(__x86_64__) || defined(_M_X64)
    if (w2v_cpu_has_avx512())
        found[n++] = &w2v_kernels_avx512;
    if (w2v_cpu_has_avx2())
        found[n++] = &w2v_kernels_avx2;
#endif
#if defined(__aarch64__)
    found[n++] = &w2v_kernels_neon; /* part of the base architecture */
#endif
    found[n++] = &w2v_kernels_scalar;
    return i >= 0 && i < n ? found[i] : NULL;
}

void w2v_fill_patterns(float *patterns, int n_outputs, int n_centres, int pattern_floats)
{
    const int width = pattern_floats;
    memset(patterns, 0, 8 * (size_t)width * sizeof(float));
    for (int kind = 0; kind < 4; kind++) {
        float *const labels = patterns + 2 * kind * width, *const weights = labels + width;
        for (int s = 0; s < n_outputs; s++) {
            const int first = kind & 1, second = kind >> 1;
            const int own = s == 0 ? first : second;
            labels[s] = s < n_centres ? (float)own : 0.0f;
            weights[s] = s < n_centres ? (float)own : (float)(first + second);
        }
    }
}
