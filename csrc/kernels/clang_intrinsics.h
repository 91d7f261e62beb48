/* The intrinsics of x86-64 up to AVX-512 for clang. Older versions of clang-cl leave what the base does not have out of
 * immintrin.h; the headers it is made of can be included after it. */
#ifndef W2V_CLANG_INTRINSICS_H
#define W2V_CLANG_INTRINSICS_H

#include <immintrin.h>

#if defined(_MSC_VER)
#include <smmintrin.h>

#include <avxintrin.h>

#include <avx2intrin.h>
#include <fmaintrin.h>

#include <avx512fintrin.h>

#include <avx512bwintrin.h>
#include <avx512dqintrin.h>
#include <avx512vlintrin.h>

#include <avx512vlbwintrin.h>
#include <avx512vldqintrin.h>
#endif

#endif
