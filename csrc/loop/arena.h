/* One allocation for all buffers of a thread.
 *
 * A layout function takes its parts from an arena in a fixed order. It runs twice: on an empty arena, which only adds
 * up the sizes, and after w2v_arena_reserve, which allocates their sum:
 *
 *     w2v_arena arena = {0};
 *     lay_out(&arena);                 every part is NULL
 *     if (!w2v_arena_reserve(&arena))
 *         there is no memory
 *     lay_out(&arena);                 the same calls in the same order get the parts
 *     w2v_arena_free(&arena);
 *
 * Parts are zeroed and 64-byte aligned. A layout function must not write to them, since the first pass has none. */
#ifndef W2V_ARENA_H
#define W2V_ARENA_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define W2V_ARENA_ALIGNMENT ((size_t)64)
#define W2V_ARENA_LIMIT (SIZE_MAX / 2 / W2V_ARENA_ALIGNMENT * W2V_ARENA_ALIGNMENT)

typedef struct {
    void *memory; /* from calloc */
    char *parts;  /* its first aligned byte; NULL in the first pass */
    size_t used;  /* bytes of the parts taken so far, at most W2V_ARENA_LIMIT, which means too many */
} w2v_arena;

/* The next part: count elements of `size` bytes. */
static inline void *w2v_arena_take(w2v_arena *arena, size_t count, size_t size)
{
    char *const part = arena->parts ? arena->parts + arena->used : NULL;
    const size_t room = W2V_ARENA_LIMIT - arena->used;
    const size_t bytes = count > room / size ? room : count * size;
    arena->used += (bytes + W2V_ARENA_ALIGNMENT - 1) / W2V_ARENA_ALIGNMENT * W2V_ARENA_ALIGNMENT;
    return part;
}

#define W2V_TAKE(arena, count, type) ((type *)w2v_arena_take(arena, count, sizeof(type)))

/* Allocate the sum of all parts and start again from the first one. Returns 0 if there is no memory. */
static inline int w2v_arena_reserve(w2v_arena *arena)
{
    if (arena->used >= W2V_ARENA_LIMIT)
        return 0;
    arena->memory = calloc(arena->used + W2V_ARENA_ALIGNMENT, 1);
    if (arena->memory == NULL)
        return 0;
    const size_t past = (uintptr_t)arena->memory % W2V_ARENA_ALIGNMENT;
    arena->parts = (char *)arena->memory + (past ? W2V_ARENA_ALIGNMENT - past : 0);
    arena->used = 0;
    return 1;
}

/* Also after a failed reserve; twice is harmless. */
static inline void w2v_arena_free(w2v_arena *arena)
{
    free(arena->memory);
    *arena = (w2v_arena){NULL, NULL, 0};
}

#endif
