"""The hot loop: training on one shard of the encoded corpus, without the GIL.

A token's way: file -> block of text -> id (`w2v/corpus`), id -> window -> kernel -> row (here). A shard is processed in
blocks of about 256 centres (`run`). For each block the loop

1. reads ids, drops frequent words by subsampling, and records for each kept word where its line begins and ends
   (`fill_block`). The end of a line that continues in the next block is carried over, so windows are exact for any
   length of a line. If windows are whole lines, a block ends with a line. Of lines that are too long for that, a
   block has some centres, each with the contexts that were drawn for it (`fill_from_long_line`);
2. groups neighbouring centres of a line into steps of two, which share their negatives and the size of their windows,
   and draws the negatives (`plan_steps`); then it writes down the addresses of all rows, so that the rows of later
   steps can be prefetched (`place_steps`);
3. hands each step to the kernel (`train_step`).

A step has input rows and output rows. In skip-gram with negative sampling these are the contexts, and the centre with
its negatives. With CBOW one hidden row for each centre replaces its contexts. With hierarchical softmax the outputs are
the inner nodes of a tree on the path to the centre. With subwords an input row is composed of the rows of the word and
of its n-grams, for one block.

Modules: `settings.py` has the numbers of a run; `_isa` chooses the kernels (`csrc/kernels/`); `_sampler`, `_progress`,
`_tree` and `_ngrams` are what the threads share; `_rows` has passes over whole matrices; `_slots` exposes the kernels
to tests. Everything done for each word or row is inline C in `csrc/loop/`:

    block.h     the buffers of a thread, and the windows of a step      tree.h      paths of the tree as outputs
    step.h      loss, and steps with many contexts                      cbow.h      hidden rows
    private.h   copies of the most frequent rows                        inputs.h    composed and frozen input rows
    long_line.h contexts drawn from long lines

What one step computes is in `w2v/training/reference.py`, in NumPy.
"""

from typing import NamedTuple

cimport cython
from libc.math cimport isfinite, sqrt
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from w2v.training.loop._csrc cimport (
    W2V_BLOCK_CENTRES, W2V_INPUTS_AHEAD, W2V_LINE_END, W2V_ROW_FLOATS, W2V_STOP_NOT_FINITE, w2v_add_curvature,
    w2v_add_loss, w2v_add_words, w2v_alias_draw, w2v_arena, w2v_arena_free, w2v_at_long_line, w2v_block,
    w2v_block_allocate, w2v_block_carry, w2v_block_end_line, w2v_block_shape, w2v_cbow_gather, w2v_cbow_scatter,
    w2v_clear_squares, w2v_compose_block, w2v_copy_frozen, w2v_decompose_block, w2v_find_reach, w2v_harmonic_size,
    w2v_has_duplicates, w2v_kernels, w2v_long_line, w2v_long_line_allocate, w2v_long_line_block,
    w2v_long_line_words, w2v_prefetch_read, w2v_private_merge, w2v_private_row, w2v_progress, w2v_pull_row,
    w2v_random, w2v_restore_frozen, w2v_scale32, w2v_scratch_clear, w2v_share_loss, w2v_shrink_centres, w2v_step,
    w2v_stop, w2v_stopped, w2v_stream, w2v_take_centres, w2v_take_contexts, w2v_take_outputs, w2v_tally,
    w2v_targets, w2v_tree, w2v_tree_prefetch, w2v_tree_rows, w2v_update_in_parts, w2v_used_floats,
    w2v_weight_of, w2v_window, w2v_words_done,
)
from w2v.training.loop._copies cimport Copies
from w2v.training.loop._isa cimport find_kernels
from w2v.training.loop._ngrams cimport Ngrams
from w2v.training.loop._progress cimport Progress
from w2v.training.loop._sampler cimport Sampler
from w2v.training.loop._tree cimport HuffmanTree

cdef enum:
    REPORT_WORDS = 8192     # words between two updates of the shared counters and of the learning rate
    PATHS_AHEAD = 12        # words between the prefetch of a path in the tree and its use
    LINE_AHEAD = 16         # with whole lines: words between a centre and the input row to prefetch
    SLICE_NUMBERS = 1 << 26 # numbers of rows read between two looks at the stop flag: some hundredths of a second
    PRIVATE_TOUCHES = 8     # touches after which a private row is merged, at the end of the current block
    SPARE_REDRAWS = 16      # redraws of repeated negatives in a step, plus 2 for each negative; then it has fewer

cdef double ROUNDS_GAIN = 0.04  # rounds act like a smaller learning rate, the more workers the more (bench/NOTES.md)

MERGED_AFTER = PRIVATE_TOUCHES
BLOCK_CENTRES = W2V_BLOCK_CENTRES


class Tally(NamedTuple):
    """What a worker has done in a shard: words trained on and dropped by subsampling, and the sampled loss, as a sum
    over pairs and their number."""

    trained: int
    subsampled: int
    loss_sum: float
    loss_pairs: int


cdef class TrainingLoop:
    """The loop and all that it reads, for one run. `train` is called by many threads at once, each with its shard.

    Parameters
    ----------
    input_vectors, output_vectors : (n, padded) float32
        Rows are 64-byte aligned; padded is a multiple of `_isa.ROW_FLOATS`. The input matrix has a row for each word,
        then for each bucket of n-grams. The output matrix has the n_words - 1 nodes of a tree, if there is one, then
        the words, unless negative sampling is off.
    keep : (n_words,) uint32
        A word is kept if 32 random bits are not above its entry.
    sampler : Sampler
        The noise distribution of the same vocabulary.
    settings : LoopSettings
    tree : HuffmanTree, optional
        For hierarchical softmax.
    ngrams : Ngrams, optional
        For subwords.
    frozen : (n_words,) uint8, optional
        Non-zero for words whose input rows are read but never change.
    anchors : ((n_words, padded) float32, (n_words,) uint8), optional
        Rows that pull at the words' input rows, and a mask of the words that have one.

    Raises
    ------
    ValueError
        The arguments do not belong together.
    """
    cdef float[:, ::1] input_vectors, output_vectors
    cdef const unsigned int[::1] keep
    cdef readonly Sampler sampler
    cdef readonly Progress progress
    cdef HuffmanTree tree
    cdef const w2v_tree *paths      # of the tree, or NULL
    cdef Ngrams ngrams
    cdef bint has_ngrams
    cdef const uint8_t[::1] frozen, anchored
    cdef const float[:, ::1] anchors
    cdef bint has_frozen, has_anchors
    cdef const w2v_kernels *kernels
    cdef int n_floats, n_used       # of a row; those that kernels compute
    cdef int64_t n_words, n_nodes

    cdef int left, right, shared_windows, shared_contexts
    cdef bint shrink, harmonic      # draw the sizes of windows; of 1 / d at distance d
    cdef int block_ends             # words after which a line end ends the block
    cdef int ahead                  # words between a centre and the input row to prefetch
    cdef int line_contexts          # contexts drawn for each centre of a longer line; 0 for all
    cdef int64_t longest_line
    cdef public int slice_steps     # between two looks at the stop flag; more than a block has, unless windows are large
    cdef bint cbow, cbow_mean, cbow_undivided, sampling
    cdef int negatives[2]           # of a step with one centre, and with two
    cdef double anchor, weight_decay
    cdef public double alpha, min_alpha  # may be set while no thread trains
    cdef int64_t total_words
    cdef uint64_t seed
    cdef int private_rows, other_threads

    def __init__(self, input_vectors, output_vectors, keep, Sampler sampler, settings, *, HuffmanTree tree=None,
                 Ngrams ngrams=None, frozen=None, anchors=None):
        self.input_vectors, self.output_vectors = input_vectors, output_vectors
        self.keep = keep
        self.sampler, self.progress, self.tree, self.ngrams = sampler, Progress(), tree, ngrams
        self.n_words = sampler.n_words
        self.n_nodes = 0 if tree is None else self.n_words - 1
        self.n_floats = <int> self.input_vectors.shape[1]
        self.n_used = w2v_used_floats(settings.vector_size or self.n_floats)
        self.paths = NULL if tree is None else &tree.paths
        self.has_ngrams = ngrams is not None
        self.set_numbers(settings)
        self.check_matrices()
        self.set_held_words(frozen, anchors)

    cdef set_numbers(self, settings):
        """Copy the settings, within what the vocabulary has words for."""
        self.kernels = find_kernels(settings.isa)
        self.left, self.right = settings.left, settings.right
        self.shrink, self.harmonic = settings.shrink_windows, settings.harmonic_windows
        self.shared_windows = 1 if self.tree is not None else settings.shared_windows
        self.shared_contexts = settings.shared_contexts
        if settings.whole_lines:
            self.block_ends, self.ahead = W2V_BLOCK_CENTRES, min(self.right, LINE_AHEAD)
        else:  # more words than a block has: it never ends with a line
            self.block_ends, self.ahead = W2V_BLOCK_CENTRES + self.left + 2 * self.right + 1, self.right
        self.line_contexts, self.longest_line = settings.line_contexts, settings.longest_line
        self.cbow, self.cbow_mean = settings.cbow, settings.cbow_mean
        self.cbow_undivided = settings.cbow_undivided
        self.sampling = settings.negative > 0 or self.tree is None
        self.negatives[0] = max(min(settings.negative, self.n_words - 1), 0)
        self.negatives[1] = max(min(settings.shared_negative, self.n_words - 2), 0)
        self.alpha, self.min_alpha = settings.alpha, settings.min_alpha
        self.anchor, self.weight_decay = settings.anchor, settings.weight_decay
        self.total_words, self.seed = settings.total_words, settings.seed
        self.private_rows, self.other_threads = min(settings.private_rows, self.n_words), settings.threads - 1
        numbers = (self.left + self.right) * (1 + settings.shared_negative) * self.n_floats  # of a step
        self.slice_steps = max(1, min(SLICE_NUMBERS // max(numbers, 1), 1 << 30))

    cdef check_matrices(self):
        n_words, n_outputs = self.n_words, self.n_nodes + (self.n_words if self.sampling else 0)
        n_inputs = n_words + (self.ngrams.buckets if self.has_ngrams else 0)
        if not (self.input_vectors.shape[0] == n_inputs and self.keep.shape[0] == n_words
                and self.output_vectors.shape[0] == max(n_outputs, 1)
                and (self.tree is None or self.tree.n_words == n_words)
                and (self.ngrams is None or self.ngrams.n_words == n_words)):
            raise ValueError("matrices, keep, tree, n-grams and sampler are of different vocabularies")
        if self.n_floats != self.output_vectors.shape[1] or self.n_floats % W2V_ROW_FLOATS or self.n_floats == 0:
            raise ValueError(f"rows of both matrices must have the same length, a multiple of {W2V_ROW_FLOATS}")
        if self.n_used > self.n_floats:
            raise ValueError(f"rows of {self.n_floats} floats are too short for {self.n_used}")
        if <size_t> &self.input_vectors[0, 0] % 64 or <size_t> &self.output_vectors[0, 0] % 64:
            raise ValueError("rows must be aligned to 64 bytes")
        if self.weight_decay and (self.tree is not None or self.has_ngrams):
            raise ValueError("weight decay needs negative sampling of whole words")

    cdef set_held_words(self, frozen, anchors):
        """Set which input rows must not change, or are pulled back to an anchor."""
        self.has_frozen, self.has_anchors = frozen is not None, anchors is not None
        if (self.has_frozen or self.has_anchors) and self.has_ngrams:
            raise ValueError("with subwords no word can be frozen or anchored: words share their n-grams")
        if self.has_frozen:
            self.frozen = frozen
            if self.frozen.shape[0] != self.n_words:
                raise ValueError(f"frozen has {self.frozen.shape[0]} entries for {self.n_words} words")
        if self.has_anchors:
            self.anchors, self.anchored = anchors
            if (self.anchors.shape[0] != self.n_words or self.anchors.shape[1] != self.n_floats
                    or self.anchored.shape[0] != self.n_words):
                raise ValueError("anchors must have the shape of the words' input rows, and their mask an entry a word")
            if not 0 <= self.anchor <= 1 / self.alpha:
                raise ValueError(f"anchor = {self.anchor:g} is out of range: 0 to {1 / self.alpha:g}, which moves a "
                                 "row all the way to its anchor at the highest learning rate")

    def alpha_at(self, int64_t words_done) -> float:
        """Learning rate after `words_done` words of all threads: linear from alpha to min_alpha."""
        return self.rate(words_done)

    @cython.final
    cdef double rate(self, int64_t words_done) noexcept nogil:
        cdef double rest = 1.0 - <double> words_done / <double> self.total_words
        return self.min_alpha + (self.alpha - self.min_alpha) * max(rest, 0.0)

    def train(self, const int[::1] ids, int epoch, int shard, float line_weight=1.0) -> tuple[int, int]:
        """Train once on the ids of a shard. Return the numbers of words trained on and of words dropped by subsampling.

        The random stream depends on (seed, epoch, shard) alone. If the run is stopped, this ends early without an
        error.

        Parameters
        ----------
        ids : (n,) int32
            Word ids, -1 after each line, and the weight of a line before it if lines have weights
            (`csrc/text/lineweight.h`).
        epoch, shard : int
            Their numbers.
        line_weight : float
            Weight of the line in which the shard begins.

        Raises
        ------
        MemoryError
            There is no memory for the buffers of this thread.
        """
        cdef w2v_tally tally = self.train_on(ids, epoch, shard, line_weight, None, 0, 0, True)
        return tally.trained, tally.subsampled

    def train_copies(self, const int[::1] ids, int epoch, int shard, float line_weight, Copies copies not None,
                     int64_t words_before, int workers, bint counted=True) -> Tally:
        """Train once on the ids of a shard as a worker of a round (`w2v.training.rounds`), on copies of the rows.

        The matrices of the loop do not change. The learning rate and with it the result depend on the arguments alone.

        Parameters
        ----------
        ids, epoch, shard, line_weight
            As for `train`.
        copies : Copies
            Of the matrices of this loop; prepared. It also collects the curvature of each row.
        words_before : int
            Words that all workers have done before the round.
        workers : int
            How many workers the round has; each is taken to be as far as this one.
        counted : bool
            Whether these words count as words of the run.

        Raises
        ------
        MemoryError
            There is no memory for the buffers of this thread.
        ValueError
            The copies are not prepared.
        """
        if not copies.prepared:
            raise ValueError("the copies must be prepared before a worker trains on them")
        cdef w2v_tally tally = self.train_on(ids, epoch, shard, line_weight, copies, words_before, workers, counted)
        return Tally(tally.trained, tally.subsampled, tally.loss_sum, tally.loss_pairs)

    @cython.final
    cdef w2v_tally train_on(self, const int[::1] ids, int epoch, int shard, float line_weight, Copies copies,
                            int64_t words_before, int workers, bint counted) except *:
        cdef w2v_block block
        cdef w2v_arena arena
        cdef w2v_long_line line
        cdef w2v_arena line_arena
        cdef w2v_tally tally
        cdef w2v_block_shape shape = self.block_shape()
        memset(&tally, 0, sizeof(tally))
        tally.uncounted = not counted
        memset(&line_arena, 0, sizeof(line_arena))
        try:
            if not (w2v_block_allocate(&block, &shape, &arena)
                    and w2v_long_line_allocate(&line, &line_arena, self.line_contexts, self.longest_line)):
                raise MemoryError("no memory for the buffers of a thread")
            block.line_weight = line_weight
            if copies is not None:
                block.inputs.shared, block.inputs.n_private = copies.inputs.rows, 0
                block.outputs.shared, block.outputs.n_private = copies.outputs.rows, 0
                block.input_curvature, block.output_curvature = copies.inputs.curvature, copies.outputs.curvature
            with nogil:
                self.run(&ids[0] if ids.shape[0] else NULL, ids.shape[0], w2v_stream(self.seed, epoch, shard), &block,
                         &line, &tally, words_before, workers)
        finally:
            w2v_arena_free(&arena)
            w2v_arena_free(&line_arena)
        return tally

    @cython.final
    cdef w2v_block_shape block_shape(self) noexcept:
        cdef w2v_block_shape shape
        memset(&shape, 0, sizeof(shape))
        shape.left, shape.right = self.left, self.right
        shape.n_floats, shape.n_used = self.n_floats, self.n_used
        shape.sampling, shape.negatives = self.sampling, self.negatives
        shape.max_path = 0 if self.tree is None else self.tree.longest
        shape.cbow, shape.frozen = self.cbow, self.has_frozen
        shape.max_ngram_rows = 0 if self.ngrams is None else self.ngrams.max_rows
        shape.inputs = &self.input_vectors[0, 0]
        shape.nodes = &self.output_vectors[0, 0]
        shape.outputs = shape.nodes + self.n_nodes * self.n_floats
        shape.private_inputs = 0 if self.has_ngrams else self.private_rows
        shape.private_nodes = <int32_t> min(<int64_t> self.private_rows, self.n_nodes)
        shape.private_outputs = self.private_rows
        shape.least_words = w2v_long_line_block(self.line_contexts)
        return shape

    @cython.final
    cdef void run(self, const int *ids, int64_t n_ids, uint64_t state, w2v_block *block, w2v_long_line *line,
                  w2v_tally *tally, int64_t words_before, int workers) noexcept nogil:
        """Train on the ids of a shard, block by block."""
        cdef w2v_progress *shared = self.progress.shared
        cdef double gain = 1.0
        cdef double rate
        cdef int64_t position = 0, done
        cdef int sampled
        if workers > 1 and not self.cbow:
            gain += ROUNDS_GAIN * sqrt(workers - 1.0)
        rate = gain * self.rate(words_before if workers else w2v_words_done(shared))
        while not w2v_stopped(shared):
            if line.contexts == 0:
                position = self.fill_block(block, ids, position, n_ids, &state, tally)
                self.plan_steps(block, &state)
            elif w2v_at_long_line(line, ids, position, n_ids):
                position = self.fill_from_long_line(block, line, ids, &state, tally)
            else:
                position = self.fill_block(block, ids, position, line.begin, &state, tally)
                self.plan_steps(block, &state)
            if block.n_steps:
                self.place_inputs(block)
                self.place_steps(block, &state)
                sampled = <int> w2v_scale32(<uint32_t> w2v_random(&state), block.n_steps)
                self.train_steps(block, rate, sampled, tally)
                self.finish_inputs(block, rate)
                if not isfinite(tally.loss_sum):
                    w2v_stop(shared, W2V_STOP_NOT_FINITE)
            if tally.pending >= REPORT_WORDS or position == n_ids:
                done = w2v_add_words(shared, 0 if tally.uncounted else tally.pending - tally.told)
                if workers:
                    words_before += workers * tally.pending
                    done = words_before
                else:
                    w2v_share_loss(shared, tally.loss_sum, tally.loss_pairs)
                    tally.loss_pairs = 0
                    tally.loss_sum = 0.0
                rate = gain * self.rate(done)
                tally.pending = tally.told = 0
            self.merge(block, PRIVATE_TOUCHES)
            if position == n_ids and block.ready == block.n:
                break
            w2v_block_carry(block, self.left)
        self.merge(block, 1)

    @cython.final
    cdef void merge(self, w2v_block *block, int min_touches) noexcept nogil:
        w2v_private_merge(&block.inputs, min_touches, self.other_threads)
        w2v_private_merge(&block.outputs, min_touches, self.other_threads)
        w2v_private_merge(&block.nodes, min_touches, self.other_threads)

    # ---- 1. read ----------------------------------------------------------------------------------------------------

    @cython.final
    cdef int64_t fill_block(self, w2v_block *block, const int *ids, int64_t position, int64_t end, uint64_t *state,
                            w2v_tally *tally) noexcept nogil:
        """Append kept words until the block has all its centres; return the position after the last id read."""
        cdef const unsigned int *keep = &self.keep[0]
        cdef int64_t start = position
        cdef int n = block.n, limit = block.first + W2V_BLOCK_CENTRES + self.right, word, kept, not_words = 0
        cdef int least_left = self.left > 0, least_right = self.right > 0, subsampled = 0
        cdef int *kept_ids = block.ids
        cdef int *line_begin = block.line_begin
        cdef int *left = block.left
        cdef int *right = block.right
        cdef float *weights = block.weights
        cdef bint counts = block.line_weight != 0
        cdef uint64_t bits
        while position < end and n < limit:
            word = ids[position]
            if word < 0:
                position += 1
                not_words += 1
                if word != W2V_LINE_END:
                    block.line_weight = w2v_weight_of(word)
                    counts = block.line_weight != 0
                    continue
                w2v_block_end_line(block, n)
                block.line = n
                if n - block.first >= self.block_ends:
                    break
                continue
            position += 1
            if not counts:
                subsampled += 1
                continue
            bits = w2v_random(state)
            kept = (bits >> 32) <= keep[word]
            kept_ids[n] = word  # a dropped word is overwritten by the next one: no unpredictable branch
            line_begin[n] = block.line
            weights[n] = block.line_weight
            if self.harmonic:
                left[n] = w2v_harmonic_size(<uint32_t> bits, self.left)
                right[n] = w2v_harmonic_size(<uint32_t> bits, self.right)
            elif self.shrink:
                left[n] = least_left + <int> w2v_scale32(<uint32_t> bits, self.left)
                right[n] = least_right + <int> w2v_scale32(<uint32_t> bits, self.right)
            else:
                left[n] = self.left
                right[n] = self.right
            n += kept
            subsampled += 1 - kept
        w2v_block_end_line(block, n)  # as far as the line has been read; at the end of the shard that is all of it
        if position == end:
            block.line = block.ready = n
        else:
            block.ready = max(block.line, n - self.right)
        block.n = n
        tally.pending += position - start - not_words
        tally.subsampled += subsampled
        return position

    @cython.final
    cdef int64_t fill_from_long_line(self, w2v_block *block, w2v_long_line *line, const int *ids, uint64_t *state,
                                     w2v_tally *tally) noexcept nogil:
        """Fill an empty block with the next centres of a long line and their contexts, and draw their negatives.

        Return the end of the line after its last centre, else its begin.
        """
        cdef int32_t *drawn = block.drawn
        cdef w2v_step *step = block.steps
        if line.n < 0:
            self.read_long_line(block, line, ids, state)
            tally.subsampled += line.n_read - line.n
        w2v_take_centres(block, line, state)
        tally.pending += w2v_long_line_words(line)
        while step < block.steps + block.n_steps:
            self.draw_outputs(block, step, drawn, state)
            step += 1
            drawn += block.max_outputs
        return line.end if line.done == line.n else line.begin

    @cython.final
    cdef void read_long_line(self, w2v_block *block, w2v_long_line *line, const int *ids, uint64_t *state) noexcept nogil:
        """Keep the words of a long line that subsampling leaves."""
        cdef const unsigned int *keep = &self.keep[0]
        cdef int64_t at
        cdef int word
        line.n = line.n_read = line.done = line.told = 0
        for at in range(line.begin, line.end):
            word = ids[at]
            if word >= 0:
                line.n_read += 1
                if block.line_weight != 0:
                    line.words[line.n] = word  # a dropped word is overwritten by the next one
                    line.n += (w2v_random(state) >> 32) <= keep[word]
            elif word != W2V_LINE_END:
                block.line_weight = w2v_weight_of(word)

    # ---- 2. plan ----------------------------------------------------------------------------------------------------

    @cython.final
    cdef void plan_steps(self, w2v_block *block, uint64_t *state) noexcept nogil:
        """Group the centres into steps and draw their negatives."""
        cdef int i = block.first, n
        cdef int32_t *drawn = block.drawn
        cdef w2v_step *step = block.steps
        while i < block.ready:
            # two neighbours of one line, unless they are the same word: the output rows of a step are distinct
            n = 1 + (self.shared_windows > 1 and i + 1 < block.ready and block.line_begin[i + 1] == block.line_begin[i]
                     and block.ids[i + 1] != block.ids[i])
            step.first = i
            step.n_centres = n
            self.draw_outputs(block, step, drawn, state)
            i += n
            step += 1
            drawn += block.max_outputs
        block.n_steps = <int> (step - block.steps)

    @cython.final
    cdef void draw_outputs(self, w2v_block *block, w2v_step *step, int32_t *drawn, uint64_t *state) noexcept nogil:
        """Write down the centres of a step and draw its negatives."""
        cdef int i = step.first, n = step.n_centres
        if self.paths != NULL:
            w2v_prefetch_read(self.paths.offsets + block.ids[i])
        if self.sampling:
            self.kernels.draw(self.sampler.table, <uint64_t> self.n_words, state, drawn + n, self.negatives[n - 1])
            drawn[0] = block.ids[i]
            if n == 2:
                drawn[1] = block.ids[i + 1]

    @cython.final
    cdef void place_inputs(self, w2v_block *block) noexcept nogil:
        """Find or compose the input row of every kept word."""
        cdef int k
        if self.has_ngrams:
            w2v_compose_block(self.kernels, block, &self.ngrams.table, &self.input_vectors[0, 0])
            return
        for k in range(block.n):
            block.rows[k] = w2v_private_row(&block.inputs, block.ids[k])
        if self.has_frozen:
            w2v_copy_frozen(block, &self.frozen[0])

    @cython.final
    cdef void place_steps(self, w2v_block *block, uint64_t *state) noexcept nogil:
        """Write down the rows that each step will touch. The entries read here were prefetched or drawn a while ago."""
        cdef int last = block.n - 1, i, k, n, outputs, nodes = 0
        cdef const float **targets = w2v_targets(block, 0)
        cdef int32_t *drawn = block.drawn
        cdef w2v_step *step = block.steps
        while step < block.steps + block.n_steps:
            i, n = step.first, step.n_centres
            if self.paths != NULL:
                w2v_tree_prefetch(self.paths, block.ids[min(i + PATHS_AHEAD, block.ready - 1)])
                nodes = w2v_tree_rows(self.paths, block.ids[i], &block.nodes, targets + W2V_INPUTS_AHEAD)
                step.n_outputs = nodes
            if self.sampling:
                outputs = n + self.negatives[n - 1]
                step.n_outputs = nodes + outputs
                if w2v_has_duplicates(drawn, outputs):
                    step.n_outputs = nodes + self.redraw(drawn, n, state)
                for k in range(outputs):
                    targets[W2V_INPUTS_AHEAD + nodes + k] = w2v_private_row(&block.outputs, drawn[k])
            # the next input rows that no step has touched yet; prefetched with the output rows of this step
            targets[0] = block.rows[min(i + self.ahead, last)]
            targets[1] = block.rows[min(i + n - 1 + self.ahead, last)]
            step += 1
            drawn += block.max_outputs
            targets += block.max_outputs + W2V_INPUTS_AHEAD

    @cython.final
    cdef int redraw(self, int32_t *ids, int n_centres, uint64_t *state) noexcept nogil:
        """Replace negatives that repeat another one or a centre, ids[:n_centres]; return the number of distinct ids.

        It is smaller than requested only if few words hold nearly all of the noise. The remaining ids are set to the
        first centre.
        """
        cdef int negative = self.negatives[n_centres - 1], previous, word
        cdef int k = n_centres, end = n_centres + negative, tries = SPARE_REDRAWS + 2 * negative
        while k < end:
            word = ids[k]
            previous = 0
            while ids[previous] != word:
                previous += 1
            if previous == k:
                k += 1
            elif tries > 0:
                tries -= 1
                ids[k] = w2v_alias_draw(self.sampler.table, <uint64_t> self.n_words, w2v_random(state))
            else:
                break
        for previous in range(k, end):
            ids[previous] = ids[0]
        return k

    # ---- 3. train ---------------------------------------------------------------------------------------------------

    @cython.final
    cdef void train_steps(self, w2v_block *block, double rate, int sampled, w2v_tally *tally) noexcept nogil:
        """Train on the steps of the block; add the loss of the step `sampled` to the tally.

        If a block may take long, the progress is shared and the stop flag is looked at after each slice of it. With
        one thread this changes no vector: the learning rate is computed after the block.
        """
        cdef w2v_progress *shared = self.progress.shared
        cdef int k, begin = 0, end, centres
        while begin < block.n_steps:
            end = block.n_steps if block.n_steps - begin <= self.slice_steps else begin + self.slice_steps
            centres = 0
            for k in range(begin, end):
                self.train_step(block, k, rate, k == sampled, tally)
                centres += block.steps[k].n_centres
            tally.trained += centres
            begin = end
            if self.slice_steps < W2V_BLOCK_CENTRES:
                if not tally.uncounted:
                    w2v_add_words(shared, centres)
                tally.told += centres
                if w2v_stopped(shared):
                    return

    @cython.final
    cdef void train_step(self, w2v_block *block, int k, double rate, bint sampled, w2v_tally *tally) noexcept nogil:
        """Train on step k of the block. `sampled`: add its loss to the tally."""
        cdef w2v_step *step = &block.steps[k]
        cdef w2v_window *window = &block.window
        w2v_find_reach(block, step)
        if not self.cbow:
            w2v_take_contexts(block, step)
        w2v_take_outputs(block, k, self.paths)
        window.alpha = <float> (rate * block.weights[step.first])
        if self.cbow:  # hidden rows replace the contexts
            w2v_cbow_gather(self.kernels, &block.hidden, &block.reach, block.rows,
                            block.masses if self.has_ngrams and self.cbow_mean else NULL, self.cbow_mean, window)
        if sampled:
            w2v_add_loss(self.kernels, window, block.scores, tally)
        if block.input_curvature != NULL:
            w2v_clear_squares(block, window.n_inputs, window.n_outputs)
        if not self.cbow:
            w2v_update_in_parts(self.kernels, window, self.shared_contexts)
        elif window.n_inputs:  # the step leaves its changes in the hidden rows
            self.kernels.window_update(window)
            w2v_cbow_scatter(self.kernels, &block.hidden, self.cbow_undivided)
        if block.input_curvature != NULL:
            w2v_add_curvature(block, step, block.drawn + k * block.max_outputs, self.cbow, self.cbow_mean,
                              self.cbow_undivided)
        if self.weight_decay != 0:
            w2v_shrink_centres(block, step, <float> (1 - window.alpha * self.weight_decay))
        if self.has_frozen:
            w2v_restore_frozen(block)

    @cython.final
    cdef void finish_inputs(self, w2v_block *block, double rate) noexcept nogil:
        """Pass the changes of composed rows on to the n-grams, pull anchored rows, drop the copies of frozen rows."""
        cdef int k, centre, word
        if self.has_ngrams:
            w2v_decompose_block(self.kernels, block, &self.ngrams.table, &self.input_vectors[0, 0])
        if self.has_anchors:
            for k in range(block.n_steps):
                for centre in range(block.steps[k].first, block.steps[k].first + block.steps[k].n_centres):
                    word = block.ids[centre]
                    if self.anchored[word]:
                        w2v_pull_row(block.rows[centre], &self.anchors[word, 0], <float> (rate * self.anchor),
                                     self.n_floats)
        if self.has_frozen:
            w2v_scratch_clear(&block.scratch)
