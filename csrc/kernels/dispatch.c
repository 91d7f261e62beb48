/* The kernels that this machine can run. */
#include <stddef.h>

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
