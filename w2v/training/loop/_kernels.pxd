"""The C side of the trainer as Cython sees it; contracts stand in the headers."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t


cdef extern from "loop/alias.h" nogil:
    ctypedef struct w2v_alias:
        uint32_t threshold
        int32_t other

    void w2v_alias_build(double *p, int64_t n, w2v_alias *table, int32_t *stack)
    int32_t w2v_alias_draw(const w2v_alias *table, uint64_t n, uint64_t bits)
    void w2v_alias_fill(const w2v_alias *table, uint64_t n, uint64_t *state, int32_t *out, int64_t count)
    int w2v_any_twice(const int32_t *values, int n)


cdef extern from "kernels/kernels.h" nogil:
    ctypedef struct w2v_window:
        float **inputs
        float **outputs
        const uint8_t *kinds
        const float *patterns
        const float **prefetch
        float *work
        int n_inputs
        int n_outputs
        int n_prefetch
        int pattern_floats
        int n_floats
        int apart
        int as_changes
        float alpha

    ctypedef struct w2v_blend:
        float **rows
        const float *masses
        float **hidden
        float factor[2]
        int n_common
        int n_own[2]
        int n_hidden
        int n_floats

    ctypedef struct w2v_kernels:
        const char *name
        int lanes
        void (*window_update)(const w2v_window *window) noexcept nogil
        void (*scores)(const w2v_window *window, float *out) noexcept nogil
        void (*rank_update)(const w2v_window *window, const float *g) noexcept nogil
        void (*sigmoid)(float *values, int n) noexcept nogil
        void (*gather)(const w2v_blend *mix) noexcept nogil
        void (*scatter)(const w2v_blend *mix) noexcept nogil
        void (*draw)(const w2v_alias *table, uint64_t n, uint64_t *state, int32_t *out, int64_t count) noexcept nogil

    int W2V_ROW_FLOATS
    int W2V_DRAW_SLACK
    long long W2V_WORK_FLOATS(long long n_inputs, long long n_outputs)
    long long W2V_PATTERN_FLOATS(long long n_outputs)
    const w2v_kernels *w2v_kernels_available(int i)
    void w2v_fill_patterns(float *patterns, int n_outputs, int n_centres, int pattern_floats)


cdef extern from "loop/window.h" nogil:
    ctypedef struct w2v_reach:
        int i, low, high, j, next_low, next_high

    size_t W2V_SORT_SLACK
    w2v_reach w2v_reach_of(int i, int n_centres, int left, int right, int begin, int last)
    void w2v_mark_kinds(uint8_t *kinds, const w2v_reach *reach)
    void w2v_sort_contexts(const w2v_reach *reach, size_t size, const void *words, void *sorted, int *n)


cdef extern from "text/lineweight.h" nogil:
    float w2v_weight_of(int32_t entry)


cdef extern from "loop/private.h" nogil:
    ctypedef struct w2v_private:
        pass

    float W2V_PULL
    size_t w2v_private_bytes(int32_t n_private, size_t stride)
    void w2v_private_init(w2v_private *p, float *shared, size_t stride, int32_t n_private, void *memory)
    void w2v_private_merge(w2v_private *p, int32_t least, int others)
    float *w2v_private_row(w2v_private *p, int32_t row)


cdef extern from "loop/rng.h" nogil:
    uint64_t w2v_random(uint64_t *state)
    uint32_t w2v_scale32(uint32_t bits, uint32_t n)
    uint64_t w2v_stream(uint64_t seed, uint64_t epoch, uint64_t shard)
    void w2v_init_row(float *row, int n, uint64_t seed, const unsigned char *word, int64_t length)


cdef extern from "loop/progress.h" nogil:
    ctypedef struct w2v_progress:
        pass

    int W2V_STOP_ASKED
    int W2V_STOP_NOT_FINITE
    int64_t w2v_add_words(w2v_progress *p, int64_t n)
    int64_t w2v_words_done(w2v_progress *p)
    void w2v_add_loss(w2v_progress *p, double sum, int64_t pairs)
    double w2v_loss_sum(w2v_progress *p)
    int64_t w2v_loss_pairs(w2v_progress *p)
    int w2v_stopped(w2v_progress *p)
    void w2v_stop(w2v_progress *p, int reason)
    void w2v_progress_reset(w2v_progress *p)


cdef extern from "loop/huffman.h" nogil:
    int32_t w2v_way_node(uint32_t way)
    void w2v_prefetch_read(const void *p)
    int w2v_way_bit(uint32_t way)
    void w2v_huffman_build(const int64_t *counts, int64_t n, int64_t *weights, uint32_t *up)
    void w2v_huffman_lengths(const uint32_t *up, const int32_t *order, int64_t n, int32_t *depths, int64_t *lengths)
    void w2v_huffman_paths(const uint32_t *up, const int32_t *order, int64_t n, const int64_t *offsets, uint32_t *ways)


cdef extern from "loop/ngrams.h" nogil:
    int64_t w2v_ngrams_at(const unsigned char *word, int64_t size, int64_t begin, int minn, int maxn, uint32_t buckets,
                          uint32_t *out)


cdef extern from "loop/scratch.h" nogil:
    ctypedef struct w2v_scratch:
        float *rows
        float *bases
        int32_t *words
        int32_t n
        size_t stride

    size_t w2v_scratch_bytes(int32_t most, size_t stride)
    void w2v_scratch_init(w2v_scratch *s, int32_t most, size_t stride, void *memory)
    int32_t w2v_scratch_place(w2v_scratch *s, int32_t word)
    void w2v_scratch_clear(w2v_scratch *s)
    void w2v_prefetch_row(const float *row, int n)
