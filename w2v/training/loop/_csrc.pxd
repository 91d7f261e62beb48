"""The C side of the training loop as Cython sees it; the contracts are in the headers of `csrc/`."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t


cdef extern from "kernels/kernels.h" nogil:
    int W2V_ROW_FLOATS
    int W2V_DRAW_SLACK
    long long W2V_WORK_FLOATS(long long n_inputs, long long n_outputs)
    long long W2V_PATTERN_FLOATS(long long n_outputs)
    int w2v_used_floats(int n)

    ctypedef struct w2v_window:
        float **inputs
        float **outputs
        const uint8_t *kinds
        const float *patterns
        const float **prefetch
        float *work
        float *input_squares
        float *output_squares
        int n_inputs
        int n_outputs
        int n_prefetch
        int pattern_floats
        int n_used
        int separate_centres
        int leave_deltas
        float alpha

    ctypedef struct w2v_blend:
        float **rows
        const float *masses
        float **hidden
        float factor[2]
        int n_common
        int n_own[2]
        int n_hidden
        int n_used

    ctypedef struct w2v_kernels:
        const char *name
        int lanes
        void (*window_update)(const w2v_window *window) noexcept nogil
        void (*scores)(const w2v_window *window, float *out) noexcept nogil
        void (*rank_update)(const w2v_window *window, const float *g) noexcept nogil
        void (*sigmoid)(float *values, int n) noexcept nogil
        void (*gather)(const w2v_blend *blend) noexcept nogil
        void (*scatter)(const w2v_blend *blend) noexcept nogil
        void (*rotate)(const float *rows, int n, int length, const float *basis, int n_out, int stride,
                       float *out) noexcept nogil
        void (*add_change)(const float *row, const float *base, float h, int n_floats, float *sum,
                           float *weighted) noexcept nogil
        void (*correct)(float *sum, const float *weighted, const float *eigenvalues, float total, float mean,
                        int n_floats) noexcept nogil
        void (*add_outer)(const float *row, float weight, int n_floats, float *sums) noexcept nogil
        void (*draw)(const w2v_alias *table, uint64_t n, uint64_t *state, int32_t *out, int64_t count) noexcept nogil

    const w2v_kernels *w2v_kernels_available(int i)


cdef extern from "kernels/patterns.h" nogil:
    int W2V_KINDS
    void w2v_fill_patterns(float *patterns, int n_outputs, int n_centres, int pattern_floats)


cdef extern from "base.h" nogil:
    void w2v_prefetch_read(const void *p)


cdef extern from "loop/arena.h" nogil:
    ctypedef struct w2v_arena:
        size_t used

    void *w2v_arena_take(w2v_arena *arena, size_t count, size_t size)
    bint w2v_arena_reserve(w2v_arena *arena)
    void w2v_arena_free(w2v_arena *arena)


cdef extern from "loop/rng.h" nogil:
    uint64_t w2v_random(uint64_t *state)
    uint32_t w2v_scale32(uint32_t bits, uint32_t n)
    uint64_t w2v_stream(uint64_t seed, uint64_t epoch, uint64_t shard)
    void w2v_init_row(float *row, int n, uint64_t seed, const unsigned char *word, int64_t length)


cdef extern from "loop/alias.h" nogil:
    ctypedef struct w2v_alias:
        uint32_t threshold
        int32_t other

    void w2v_alias_build(double *p, int64_t n, w2v_alias *table, int32_t *stack)
    int32_t w2v_alias_draw(const w2v_alias *table, uint64_t n, uint64_t bits)
    void w2v_alias_fill(const w2v_alias *table, uint64_t n, uint64_t *state, int32_t *out, int64_t count)
    bint w2v_has_duplicates(const int32_t *values, int n)


cdef extern from "loop/progress.h" nogil:
    int W2V_STOP_ASKED
    int W2V_STOP_NOT_FINITE

    ctypedef struct w2v_progress:
        pass

    int64_t w2v_add_words(w2v_progress *p, int64_t n)
    int64_t w2v_words_done(w2v_progress *p)
    void w2v_share_loss(w2v_progress *p, double sum, int64_t pairs)
    double w2v_loss_sum(w2v_progress *p)
    int64_t w2v_loss_pairs(w2v_progress *p)
    int w2v_stopped(w2v_progress *p)
    void w2v_stop(w2v_progress *p, int reason)
    void w2v_progress_reset(w2v_progress *p)


cdef extern from "loop/huffman.h" nogil:
    int32_t w2v_way_node(uint32_t way)
    int w2v_way_bit(uint32_t way)
    void w2v_huffman_build(const int64_t *counts, int64_t n, int64_t *weights, uint32_t *up)
    void w2v_huffman_lengths(const uint32_t *up, const int32_t *order, int64_t n, int32_t *depths, int64_t *lengths)
    void w2v_huffman_paths(const uint32_t *up, const int32_t *order, int64_t n, const int64_t *offsets, uint32_t *ways)


cdef extern from "loop/private.h" nogil:
    float W2V_PULL

    ctypedef struct w2v_private:
        float *shared
        float *copies
        int32_t *touches
        int32_t *held
        size_t stride
        int32_t n_private
        int32_t n_held

    void w2v_private_lay_out(w2v_private *p, w2v_arena *arena, float *shared, size_t stride, int32_t n_private)
    void w2v_private_merge(w2v_private *p, int32_t min_touches, int other_threads)
    float *w2v_private_row(w2v_private *p, int32_t row)


cdef extern from "loop/tree.h" nogil:
    ctypedef struct w2v_tree:
        int64_t *offsets
        uint32_t *ways

    void w2v_tree_prefetch(const w2v_tree *tree, int32_t word)
    int w2v_tree_rows(const w2v_tree *tree, int32_t word, w2v_private *nodes, const float **targets)


cdef extern from "loop/ngrams.h" nogil:
    ctypedef struct w2v_ngrams:
        int64_t *offsets
        uint32_t *buckets
        int64_t n_words

    int64_t w2v_ngrams_of(const unsigned char *word, int64_t size, int minn, int maxn, uint32_t buckets,
                          unsigned char *marked, uint32_t *out)


cdef extern from "loop/compose.h" nogil:
    ctypedef struct w2v_composer:
        pass

    void w2v_composer_lay_out(w2v_composer *composer, w2v_arena *arena, int max_rows, int n_floats,
                              int n_used)
    void w2v_find_rows(w2v_composer *composer, const w2v_ngrams *ngrams, float *vectors, int32_t word, int which)
    void w2v_compose(const w2v_kernels *kernels, w2v_composer *composer, int which, float *row)


cdef extern from "loop/window.h" nogil:
    int w2v_harmonic_size(uint32_t bits, int most)
    int W2V_LONGEST_LINE


cdef extern from "text/lineweight.h" nogil:
    int W2V_LINE_END
    float w2v_weight_of(int32_t entry)


cdef extern from "loop/scratch.h" nogil:
    ctypedef struct w2v_scratch:
        pass

    void w2v_scratch_clear(w2v_scratch *s)


cdef extern from "loop/cbow.h" nogil:
    ctypedef struct w2v_reach:
        pass

    ctypedef struct w2v_hidden:
        pass

    void w2v_cbow_gather(const w2v_kernels *kernels, w2v_hidden *hidden, const w2v_reach *reach, float **rows,
                         const float *masses, bint mean, w2v_window *window)
    void w2v_cbow_scatter(const w2v_kernels *kernels, w2v_hidden *hidden, bint undivided)


cdef extern from "loop/block.h" nogil:
    int W2V_BLOCK_CENTRES
    int W2V_INPUTS_AHEAD

    ctypedef struct w2v_step:
        int first
        int n_centres
        int n_outputs

    ctypedef struct w2v_block:
        int n
        int first
        int ready
        int line
        float line_weight
        int *ids
        int *line_begin
        int *line_end
        int *left
        int *right
        float *weights
        float **rows
        float *masses
        w2v_scratch scratch
        w2v_private inputs
        w2v_private outputs
        w2v_private nodes
        float *input_curvature
        float *output_curvature
        int n_steps
        int max_outputs
        w2v_step *steps
        int32_t *drawn
        w2v_reach reach
        w2v_window window
        float *scores
        w2v_hidden hidden

    ctypedef struct w2v_block_shape:
        int left
        int right
        bint sampling
        int negatives[2]
        int max_path
        int n_floats
        int n_used
        bint cbow
        bint frozen
        int max_ngram_rows
        float *inputs
        float *outputs
        float *nodes
        int32_t private_inputs
        int32_t private_outputs
        int32_t private_nodes
        size_t least_words

    bint w2v_block_allocate(w2v_block *block, const w2v_block_shape *shape, w2v_arena *arena)
    void w2v_block_end_line(w2v_block *block, int n)
    void w2v_block_carry(w2v_block *block, int left)
    const float **w2v_targets(const w2v_block *block, int k)
    void w2v_find_reach(w2v_block *block, const w2v_step *step)
    void w2v_shrink_centres(const w2v_block *block, const w2v_step *step, float factor)
    void w2v_take_contexts(w2v_block *block, const w2v_step *step)
    void w2v_take_outputs(w2v_block *block, int k, const w2v_tree *tree)


cdef extern from "loop/copies.h" nogil:
    ctypedef struct w2v_copies:
        const float *snapshot
        float *rows
        float *curvature
        size_t stride
        int64_t n


cdef extern from "loop/curvature.h" nogil:
    void w2v_clear_squares(w2v_block *block, int n_inputs, int n_outputs)
    void w2v_add_curvature(w2v_block *block, const w2v_step *step, const int32_t *drawn, bint cbow, bint mean,
                           bint undivided)


cdef extern from "loop/long_line.h" nogil:
    ctypedef struct w2v_long_line:
        int64_t begin
        int64_t end
        int contexts
        int32_t *words
        int64_t n
        int64_t n_read
        int64_t done
        int64_t told

    size_t w2v_long_line_block(int contexts)
    bint w2v_long_line_allocate(w2v_long_line *line, w2v_arena *arena, int contexts, int64_t longest)
    bint w2v_at_long_line(w2v_long_line *line, const int *ids, int64_t position, int64_t n_ids)
    void w2v_take_centres(w2v_block *block, w2v_long_line *line, uint64_t *state)
    int64_t w2v_long_line_words(w2v_long_line *line)


cdef extern from "loop/inputs.h" nogil:
    void w2v_compose_block(const w2v_kernels *kernels, w2v_block *block, const w2v_ngrams *ngrams, float *vectors)
    void w2v_decompose_block(const w2v_kernels *kernels, w2v_block *block, const w2v_ngrams *ngrams, float *vectors)
    void w2v_copy_frozen(w2v_block *block, const uint8_t *frozen)
    void w2v_restore_frozen(w2v_block *block)
    void w2v_pull_row(float *row, const float *anchor, float share, int n)


cdef extern from "loop/step.h" nogil:
    ctypedef struct w2v_tally:
        int64_t trained
        int64_t subsampled
        int64_t pending
        int64_t told
        bint uncounted
        int64_t loss_pairs
        double loss_sum

    void w2v_add_loss(const w2v_kernels *kernels, const w2v_window *window, float *scores, w2v_tally *tally)
    void w2v_update_in_parts(const w2v_kernels *kernels, w2v_window *window, int most)
