/* Random walks, several at a time. */
#include "graph/walks.h"

#include <string.h>

#include "base.h"
#include "loop/rng.h"

enum {
    TOGETHER = 64, /* walks */
    ROUNDS = 10,   /* of the permutation */
    LINE_END = -1
};

/* --- order of the nodes ------------------------------------------------------------------------------------------- */

/* Position `at` of a random order of 0 .. n - 1: a Feistel network over the next power of 4, applied again while the
 * result is n or more (Black and Rogaway 2002). */
static int64_t shuffled(int64_t at, int64_t n, uint64_t key)
{
    int half = 1;
    while ((int64_t)1 << 2 * half < n)
        half++;
    const uint64_t mask = ((uint64_t)1 << half) - 1;
    uint64_t place = (uint64_t)at;
    do {
        uint64_t left = place >> half, right = place & mask;
        for (int i = 0; i < ROUNDS; i++) {
            const uint64_t mixed = left ^ (w2v_mix(key + (right << 4 | (uint64_t)i)) & mask);
            left = right;
            right = mixed;
        }
        place = left << half | right;
    } while (place >= (uint64_t)n);
    return (int64_t)place;
}

static int32_t start_of(const w2v_walks *walks, uint64_t epoch, int64_t walk)
{
    const int64_t n = walks->n_starts;
    const uint64_t key = w2v_stream(~walks->seed, epoch, (uint64_t)(walk / n));
    const int64_t at = shuffled(walk % n, n, key);
    return walks->starts ? walks->starts[at] : (int32_t)at;
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

typedef struct walker {
    int32_t node, before;
    uint64_t random;
    int64_t begin, degree; /* row of the node */
    int64_t at;            /* entry that is proposed */
    uint64_t product;      /* random number that chose it */
    int32_t *out;
    int64_t n_out;
} walker;

/* Probabilities with which a proposed node is accepted, out of 2^32. */
typedef struct bias {
    uint64_t back, near, far, always; /* to the node before; to its neighbours; to others; the least of the three */
    double extra;                     /* factor of the node before, beyond the largest other one; 0 if it is not above */
    int first_order;
} bias;

static uint64_t out_of_2_32(double share) { return share >= 1 ? (uint64_t)1 << 32 : (uint64_t)(share * 4294967296.0); }

static bias bias_of(const w2v_walks *walks)
{
    const double back = 1 / walks->p, far = 1 / walks->q, others = far > 1 ? far : 1;
    /* The node before has one entry in the row only if edges lead back, and its share is known if weights are equal. */
    const int split = back > others && walks->symmetric && walks->graph.weights == NULL;
    const double most = split || back < others ? others : back;
    bias made;
    made.back = out_of_2_32(back / most);
    made.near = out_of_2_32(1 / most);
    made.far = out_of_2_32(far / most);
    made.always = made.back < made.near ? made.back : made.near;
    made.always = made.always < made.far ? made.always : made.far;
    made.extra = split ? (back - others) / others : 0;
    made.first_order = walks->p == 1 && walks->q == 1;
    return made;
}

static inline int64_t row_at(const w2v_walks *walks, int32_t node, int64_t step)
{
    return walks->path ? node * walks->graph.n_types + walks->path[step % walks->path_length] : node;
}

/* The row that the walker leaves by; 0 if it is empty. */
static inline int find_row(const w2v_walks *walks, walker *one, int64_t step)
{
    const int64_t row = row_at(walks, one->node, step);
    one->begin = walks->graph.offsets[row];
    one->degree = walks->graph.offsets[row + 1] - one->begin;
    return one->degree > 0;
}

static inline void propose(const w2v_graph *graph, walker *one)
{
    one->product = w2v_alias_product((uint64_t)one->degree, w2v_random(&one->random));
    one->at = one->begin + (int64_t)(one->product >> 32);
    w2v_prefetch_read(graph->targets + one->at);
    if (graph->weights)
        w2v_prefetch_read(graph->weights + one->at);
}

static inline int32_t proposed(const w2v_graph *graph, const walker *one)
{
    if (graph->weights)
        return graph->targets[one->begin + w2v_alias_decide(graph->weights + one->begin, one->product)];
    return graph->targets[one->at];
}

static inline void move_to(const w2v_walks *walks, walker *one, int32_t node, int64_t step)
{
    one->before = one->node;
    one->node = node;
    one->out[one->n_out++] = node;
    w2v_prefetch_read(walks->graph.offsets + row_at(walks, node, step + 1));
}

static int has_edge(const w2v_walks *walks, int32_t from, int32_t to)
{
    const int64_t *offsets = walks->graph.offsets;
    int64_t begin = offsets[from], n = offsets[from + 1] - begin;
    if (walks->symmetric && offsets[to + 1] - offsets[to] < n) { /* look in the shorter row */
        const int32_t swapped = from;
        from = to;
        to = swapped;
        begin = offsets[from];
        n = offsets[from + 1] - begin;
    }
    return w2v_has_target(walks->graph.targets + begin, n, to);
}

static inline int accepted(const w2v_walks *walks, const bias *bias, walker *one, int32_t node)
{
    const uint64_t drawn = w2v_random(&one->random) >> 32;
    if (drawn < bias->always)
        return 1;
    if (node == one->before)
        return drawn < bias->back;
    if (bias->near == bias->far)
        return drawn < bias->near;
    return drawn < (has_edge(walks, one->before, node) ? bias->near : bias->far);
}

/* Whether the walker goes back because of the part of that probability which is above those of the other nodes. */
static inline int goes_back(const bias *bias, walker *one)
{
    const double bits = (double)(w2v_random(&one->random) >> 11) * 0x1p-53;
    return bits * ((double)one->degree + bias->extra) < bias->extra;
}

/* Take step `step` with all `n` walkers, which are moved together where one ends; return the number that go on. */
static int step_first_order(const w2v_walks *walks, walker **active, int n, int64_t step)
{
    int going = 0;
    for (int i = 0; i < n; i++) {
        if (!find_row(walks, active[i], step))
            continue;
        propose(&walks->graph, active[i]);
        active[going++] = active[i];
    }
    for (int i = 0; i < going; i++)
        move_to(walks, active[i], proposed(&walks->graph, active[i]), step);
    return going;
}

static int step_second_order(const w2v_walks *walks, const bias *bias, walker **active, int n, int64_t step)
{
    walker *waiting[TOGETHER];
    int going = 0, n_waiting = 0;
    for (int i = 0; i < n; i++) {
        walker *one = active[i];
        if (!find_row(walks, one, step))
            continue;
        active[going++] = one;
        waiting[n_waiting++] = one;
    }
    while (n_waiting) {
        int left = 0;
        for (int i = 0; i < n_waiting; i++) { /* after each refusal too: it is a part of the proposal */
            walker *one = waiting[i];
            if (bias->extra > 0 && goes_back(bias, one)) {
                move_to(walks, one, one->before, step);
                continue;
            }
            propose(&walks->graph, one);
            waiting[left++] = one;
        }
        n_waiting = left;
        left = 0;
        for (int i = 0; i < n_waiting; i++)
            w2v_prefetch_read(walks->graph.offsets + proposed(&walks->graph, waiting[i]));
        for (int i = 0; i < n_waiting; i++) {
            const int32_t node = proposed(&walks->graph, waiting[i]);
            if (accepted(walks, bias, waiting[i], node))
                move_to(walks, waiting[i], node, step);
            else
                waiting[left++] = waiting[i];
        }
        n_waiting = left;
    }
    return going;
}

static void name_nodes(const int32_t *names, int32_t *nodes, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        nodes[i] = names[nodes[i]];
}

int64_t w2v_make_walks(const w2v_walks *walks, uint64_t epoch, int64_t first, int64_t end, int32_t *out)
{
    const bias bias = bias_of(walks);
    int32_t *written = out;
    for (int64_t walk = first; walk < end; walk += TOGETHER) {
        const int n = end - walk < TOGETHER ? (int)(end - walk) : TOGETHER;
        walker walkers[TOGETHER], *active[TOGETHER];
        /* Each walk has room for its whole length; the gaps of shorter ones are closed below. */
        for (int i = 0; i < n; i++) {
            walker *one = active[i] = &walkers[i];
            one->random = w2v_stream(walks->seed, epoch, (uint64_t)(walk + i));
            one->out = written + i * (walks->length + 1);
            one->n_out = 0;
            one->node = -1;
            move_to(walks, one, start_of(walks, epoch, walk + i), 0);
        }
        int going = n;
        for (int64_t step = 1; step < walks->length && going > 0; step++) {
            if (bias.first_order || step == 1)
                going = step_first_order(walks, active, going, step);
            else
                going = step_second_order(walks, &bias, active, going, step);
        }
        for (int i = 0; i < n; i++) {
            const walker *one = &walkers[i];
            if (written != one->out)
                memmove(written, one->out, (size_t)one->n_out * sizeof *written);
            if (walks->names)
                name_nodes(walks->names, written, one->n_out);
            written += one->n_out;
            *written++ = LINE_END;
        }
    }
    return written - out;
}

int64_t w2v_count_visits(const int32_t *ids, int64_t n, int64_t *visits)
{
    int64_t longest = 0, length = 0;
    for (int64_t i = 0; i < n; i++) {
        if (ids[i] < 0) {
            longest = length > longest ? length : longest;
            length = 0;
            continue;
        }
        length++;
        __atomic_fetch_add(visits + ids[i], 1, __ATOMIC_RELAXED);
    }
    return length > longest ? length : longest;
}
