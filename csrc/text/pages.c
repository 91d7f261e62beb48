/* Memory in huge pages by mmap and madvise; calloc for small tables and on other systems. */
#if defined(__linux__)
#define _DEFAULT_SOURCE /* for the flags of mmap */
#include <sys/mman.h>
#endif

#include "text/pages.h"

#include <stdint.h>
#include <stdlib.h>

#define HUGE_PAGE ((size_t)2 << 20)

void *w2v_pages_new(size_t size)
{
#if defined(__linux__)
    if (size >= HUGE_PAGE) {
        uint8_t *memory = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            return NULL;
        size_t before = -(uintptr_t)memory & (HUGE_PAGE - 1);
        if (before > 0)
            munmap(memory, before);
        if (before < HUGE_PAGE)
            munmap(memory + before + size, HUGE_PAGE - before);
        madvise(memory + before, size, MADV_HUGEPAGE);
        return memory + before;
    }
#endif
    return calloc(1, size);
}

void w2v_pages_free(void *memory, size_t size)
{
#if defined(__linux__)
    if (memory != NULL && size >= HUGE_PAGE) {
        munmap(memory, size);
        return;
    }
#endif
    (void)size;
    free(memory);
}
