/* Detection of instruction sets: CPUID tells what the processor supports, XCR0 which registers the operating system
 * saves on a context switch. Both are needed: a kernel whose registers are not saved computes garbage, or traps,
 * although CPUID allows it.
 *
 * Source: Intel 64 and IA-32 Architectures Software Developer's Manual, vol. 1, sections 14.3, 15.2-15.4. */
#include "kernels/kernels.h"

#if defined(__x86_64__) || defined(_M_X64)

#include <stdint.h>
#include <cpuid.h>

static void cpuid(uint32_t leaf, uint32_t sub, uint32_t regs[4])
{
    if (!__get_cpuid_count(leaf, sub, &regs[0], &regs[1], &regs[2], &regs[3]))
        regs[0] = regs[1] = regs[2] = regs[3] = 0;
}

static uint64_t xcr0(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return ((uint64_t)high << 32) | low;
}

enum { FMA = 1 << 12, OSXSAVE = 1 << 27, AVX = 1 << 28 };       /* leaf 1, ecx */
enum { AVX2 = 1 << 5, AVX512F = 1 << 16, AVX512DQ = 1 << 17 };  /* leaf 7, ebx */
static const uint32_t AVX512BW = 1u << 30, AVX512VL = 1u << 31; /* leaf 7, ebx */
enum { XCR0_YMM = 0x6, XCR0_ZMM = 0xe6 };                       /* SSE and AVX; opmask and both ZMM halves */

static int has(uint32_t leaf7_ebx, uint64_t saved)
{
    uint32_t one[4], seven[4];
    const uint32_t need1 = FMA | OSXSAVE | AVX;
    cpuid(1, 0, one);
    if ((one[2] & need1) != need1)
        return 0;
    cpuid(7, 0, seven);
    return (seven[1] & leaf7_ebx) == leaf7_ebx && (xcr0() & saved) == saved;
}

int w2v_cpu_has_avx2(void) { return has(AVX2, XCR0_YMM); }

int w2v_cpu_has_avx512(void) { return has(AVX2 | AVX512F | AVX512DQ | AVX512BW | AVX512VL, XCR0_ZMM); }

#else

int w2v_cpu_has_avx2(void) { return 0; }
int w2v_cpu_has_avx512(void) { return 0; }

#endif
