"""The hot loop: skip-gram or CBOW with negative sampling over one shard of the encoded corpus, without the GIL.

A shard is worked through in blocks of about 256 words. For each block the loop

1. reads ids, drops frequent words by subsampling, and notes for each kept word where its line begins and ends
   (`fill_block`); a line that goes on beyond the block takes its neighbourhood along, so windows are exact whatever
   the length of a line; where whole lines are windows, a block ends with a line;
2. puts neighbouring centres of a line together in twos, which share their negatives and the size of their windows,
   draws the negatives (`plan_steps`), and writes down the rows, so that those of coming steps are known (`place_steps`);
3. hands each step to the kernel, which also prefetches the rows of a step to come (`run_steps`).

A step is made of input rows and output rows. Those of skip-gram with negative sampling are the contexts, and the centre
with its negatives. With CBOW one hidden row for each centre stands in for its contexts (`_cbow.pxi`). With hierarchical
softmax the outputs are the inner nodes of a tree, on the path to the centre (`_huffman.pxi`). With subwords an input row
is made of those of the word and of its n-grams, for a block (`_subwords.pxi`).

What threads share and the rest of the package needs (`Sampler`, `Progress`, first vectors) is in `_shared.pxi`, the
memory of a block and its lines in `_block.pxi`; `_slots.pxi` has each kernel slot by itself, for tests and benchmarks.
"""

import os

from libc.math cimport exp, fabs, isfinite, log1p
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcmp, memcpy, memmove, memset

from w2v.training.loop._kernels cimport *

ROW_FLOATS = W2V_ROW_FLOATS
PULL = W2V_PULL
STOP_ASKED = W2V_STOP_ASKED
STOP_NOT_FINITE = W2V_STOP_NOT_FINITE

cdef enum:
    BLOCK_WORDS = 256       # centres planned at once: their addresses stay in the first-level cache
    REPORT_WORDS = 8192     # words between two updates of the shared counters and of the learning rate
    PREFETCH_AHEAD = 2      # steps between the prefetch of a row and its use
    INPUTS_AHEAD = 2        # input rows prefetched for a step
    MAX_INPUTS = 12         # contexts of one kernel call (two windows of 5 have 12): their updates of an output row
                            # add up unseen by each other, and more of them diverge
    PATHS_AHEAD = 12        # words between the prefetch of a path in the tree and its use
    LINE_END = -1
    LONGEST_LINE = 30000    # words of a line that is one window: `w2v_mark_kinds` counts contexts in 16 bits
    LINE_AHEAD = 16         # with whole lines: words between a centre and the input row to prefetch
    PRIVATE_TOUCHES = 8     # after which a private row is merged, at the end of the block under way
    LANES = 16              # sums side by side where a whole matrix is looked at
    SPARE_REDRAWS = 16      # repeats drawn again for a step, and 2 more a negative; then it has fewer negatives


MERGED_AFTER = PRIVATE_TOUCHES
LONGEST_WINDOW = LONGEST_LINE
BLOCK_CENTRES = BLOCK_WORDS


def shared_negatives(int negative) -> int:
    """Negatives of a step with two centres, for windows of so many: a fifth more than one window has. With 5 for both,
    fewer analogies were right than with one window a step; with 6 some more (bench/NOTES.md has the numbers)."""
    return (6 * negative + 2) // 5


include "_shared.pxi"


# ---- one shard ------------------------------------------------------------------------------------------------------

include "_cbow.pxi"
include "_huffman.pxi"
include "_subwords.pxi"
include "_block.pxi"


cdef class TrainingLoop:
    """The loop and all that it reads, for one run; `train` is called by many threads at once, each with its shard.

    Parameters
    ----------
    input_vectors, output_vectors : (n_words, padded) float32, rows 64-byte aligned, padded a multiple of ROW_FLOATS. With
        a tree, the rows of its n_words - 1 nodes come first in the output matrix, or alone if `negative` is 0.
    ids : (n,) int32, the encoded corpus: word ids, -1 after each line, its weight before it where `line_weights` says
        so (`csrc/text/lineweight.h`).
    keep : (n_words,) uint32, a word is kept if 32 random bits are not above it.
    sampler : noise distribution, of the same vocabulary.
    window, negative, shrink_windows, shared_windows, alpha, min_alpha, seed, line_weights : see `w2v.config.TrainConfig`.
    cbow, cbow_mean, cbow_undivided : the contexts of a centre as one input, see there too.
    tree : of hierarchical softmax, whose steps have one centre; None for negative sampling alone.
    ngrams : of each word, whose rows stand after those of the words in the input matrix; or None.
    frozen : (n_words,) uint8, not 0 for words whose input rows are read but never change; or None.
    anchors : float32 rows (n_words, padded) and a uint8 mask (n_words,) of the words that have one; or None.
    anchor : each time such a word stands in the text, its input row moves by rate * anchor of the way to its anchor.
    private_rows : rows of each matrix, those of the most frequent words, of which every thread works on a copy.
    threads : how many call `train` at once, for the merging of these copies.
    total_words : words of all epochs, after which the learning rate is `min_alpha`.
    """
    cdef float[:, ::1] input_vectors, output_vectors
    cdef const int[::1] ids
    cdef const unsigned int[::1] keep
    cdef readonly Sampler sampler
    cdef readonly Progress progress
    cdef const w2v_kernels *kernels
    cdef int left, right, shrink, shared_windows
    cdef int block_ends             # with the first line end after so many words
    cdef int ahead                  # words between a centre and the input row to prefetch
    cdef bint line_weights
    cdef bint cbow, cbow_mean, cbow_undivided
    cdef HuffmanTree tree
    cdef Ngrams ngrams
    cdef const uint8_t[::1] frozen, anchored
    cdef const float[:, ::1] anchors
    cdef bint has_frozen, has_anchors
    cdef double anchor
    cdef bint softmax, sampling     # the kinds of outputs
    cdef int most_outputs           # of a step
    cdef int negatives[2]           # of a step with one centre, and of one with two
    cdef float[:, :, ::1] patterns  # by number of centres
    cdef public double alpha, min_alpha  # may be set while no thread trains
    cdef int64_t total_words
    cdef uint64_t seed
    cdef int private_rows, others

    def __init__(self, input_vectors, output_vectors, ids, keep, Sampler sampler, *, window, int negative,
                 bint shrink_windows, int shared_windows, double alpha, double min_alpha, int64_t total_words,
                 uint64_t seed, str isa, int private_rows=0, int threads=1, bint line_weights=False, bint cbow=False,
                 bint cbow_mean=True, bint cbow_undivided=False, HuffmanTree tree=None, Ngrams ngrams=None,
                 frozen=None, anchors=None, double anchor=0.0):
        self.input_vectors = input_vectors
        self.output_vectors = output_vectors
        self.ids = ids
        self.keep = keep
        self.sampler = sampler
        self.progress = Progress()
        self.kernels = find_kernels(isa)
        if window == "line":
            self.left = self.right = <int> min(<int64_t> longest_line(ids), LONGEST_LINE + 1)
            if self.right > LONGEST_LINE:
                raise ValueError(f"a line is longer than the longest window, {LONGEST_LINE} words")
            shrink_windows = False
            self.block_ends = BLOCK_WORDS
        else:
            self.left, self.right = window if isinstance(window, tuple) else (window, window)
            self.block_ends = BLOCK_WORDS + self.left + 2 * self.right + 1  # words that never come
        self.ahead = min(self.right, LINE_AHEAD) if window == "line" else self.right
        self.line_weights = line_weights
        self.negatives[0] = <int> max(min(<int64_t> negative, sampler.n_words - 1), 0)
        self.negatives[1] = <int> max(min(<int64_t> shared_negatives(negative), sampler.n_words - 2), 0)
        self.shrink = shrink_windows
        self.ngrams = ngrams
        self.tree, self.softmax, self.sampling = tree, tree is not None, negative > 0 or tree is None
        self.shared_windows = 1 if self.softmax else shared_windows
        self.most_outputs = (tree.longest if self.softmax else 0) + (
            max(self.negatives[0] + 1, self.negatives[1] + 2) if self.sampling else 0)
        self.cbow, self.cbow_mean, self.cbow_undivided = cbow, cbow_mean, cbow_undivided
        self.patterns = make_patterns(self.negatives)
        self.hold(frozen, anchors, anchor, alpha)
        self.alpha = alpha
        self.min_alpha = min_alpha
        self.total_words = total_words
        self.seed = seed
        n_words = sampler.n_words
        self.private_rows = min(private_rows, n_words)
        self.others = threads - 1
        n_outputs = self.first_output() + (n_words if self.sampling else 0)
        n_inputs = n_words + (0 if ngrams is None else ngrams.buckets)
        if not (self.input_vectors.shape[0] == n_inputs and self.keep.shape[0] == n_words
                and self.output_vectors.shape[0] == max(n_outputs, 1) and (tree is None or tree.n_words == n_words)
                and (ngrams is None or ngrams.n_words == n_words)):
            raise ValueError("matrices, keep, tree, n-grams and sampler are of different vocabularies")
        padded = self.input_vectors.shape[1]
        if padded != self.output_vectors.shape[1] or padded % W2V_ROW_FLOATS or padded == 0:
            raise ValueError(f"rows must be of one length, a multiple of {W2V_ROW_FLOATS}")
        if <size_t> &self.input_vectors[0, 0] % 64 or <size_t> &self.output_vectors[0, 0] % 64:
            raise ValueError("rows must be aligned to 64 bytes")

    cdef hold(self, frozen, anchors, double anchor, double alpha):
        """Note which input rows are to stay where they are, or near to it."""
        n_words, padded = self.sampler.n_words, self.input_vectors.shape[1]
        self.has_frozen, self.has_anchors, self.anchor = frozen is not None, anchors is not None, anchor
        if (self.has_frozen or self.has_anchors) and self.ngrams is not None:
            raise ValueError("with subwords no word can be frozen or anchored: words share their n-grams")
        if self.has_frozen:
            self.frozen = frozen
            if self.frozen.shape[0] != n_words:
                raise ValueError(f"a mask of {self.frozen.shape[0]} frozen words for {n_words}")
        if self.has_anchors:
            self.anchors, self.anchored = anchors
            if (self.anchors.shape[0], self.anchors.shape[1], self.anchored.shape[0]) != (n_words, padded, n_words):
                raise ValueError("anchors are not of the shape of the input rows, or their mask is not")
            if not 0 <= anchor <= 1 / alpha:
                raise ValueError(f"anchor = {anchor:g} is out of range: 0 to {1 / alpha:g}, one step to the "
                                 "anchor at the highest learning rate")

    def alpha_at(self, int64_t words_done) -> float:
        """Learning rate after so many words: linear from alpha to min_alpha."""
        return self.rate(words_done)

    cdef double rate(self, int64_t words_done) noexcept nogil:
        cdef double rest = 1.0 - <double> words_done / <double> self.total_words
        return self.min_alpha + (self.alpha - self.min_alpha) * max(rest, 0.0)

    def train(self, int64_t begin, int64_t end, int epoch, int shard, const int[::1] ids=None) -> tuple[int, int]:
        """Train once on ids[begin:end]. Returns the numbers of words trained on and dropped by subsampling.

        The random stream depends on (seed, epoch, shard) alone. Ends early, without an error, if the run is stopped.
        `ids` : (end - begin,) int32 to read in place of those of the corpus; None for these.
        """
        cdef Block block
        cdef Tally tally
        cdef void *memory[6]
        if not 0 <= begin <= end <= self.ids.shape[0]:
            raise ValueError(f"shard [{begin}, {end}) lies outside of the corpus of {self.ids.shape[0]} ids")
        if ids is None:
            ids = self.ids[begin:end]
        if ids.shape[0] != end - begin:
            raise ValueError(f"shard [{begin}, {end}) was given {ids.shape[0]} ids")
        memset(&tally, 0, sizeof(tally))
        memset(memory, 0, sizeof(memory))
        cdef bint allocated = allocate_block(&block, self.left, self.right, self.most_outputs, &memory[0])
        try:
            if (not allocated or not self.allocate_private(&block, &memory[1])
                    or self.cbow and not allocate_hidden(&block.hidden, self.left + self.right + 2, self.row_floats(),
                                                         &memory[2])
                    or self.softmax and not allocate_patterns(&block.patterns, self.pattern_floats(), &memory[3])
                    or not self.allocate_scratch(&block, &memory[4])):
                raise MemoryError("no memory for the buffers of a thread")
            with nogil:
                self.run(&ids[0] if begin < end else NULL, begin, end, w2v_stream(self.seed, epoch, shard), &block,
                         &tally)
        finally:
            for room in memory:
                free(room)
        return tally.trained, tally.subsampled

    cdef bint allocate_private(self, Block *block, void **memory) noexcept nogil:
        cdef size_t stride = self.row_floats(), size = w2v_private_bytes(self.private_rows, stride)
        cdef char *room = <char *> aligned(3 * size, memory)
        cdef float *outputs = &self.output_vectors[0, 0]
        if room == NULL:
            return False
        w2v_private_init(&block.inputs, &self.input_vectors[0, 0], stride,
                         self.private_rows if self.ngrams is None else 0, room)
        w2v_private_init(&block.nodes, outputs, stride, <int32_t> min(<int64_t> self.private_rows, self.first_output()),
                         room + 2 * size)
        w2v_private_init(&block.outputs, outputs + self.first_output() * stride, stride, self.private_rows, room + size)
        return True

    cdef int row_floats(self) noexcept nogil:
        return <int> self.input_vectors.shape[1]

    cdef bint allocate_scratch(self, Block *block, void **memory) noexcept nogil:
        cdef size_t stride = self.row_floats(), n = block_places(self.left, self.right)
        cdef void *room
        if self.ngrams is None and not self.has_frozen:
            return True
        room = aligned(w2v_scratch_bytes(<int32_t> n, stride), memory)
        if room == NULL or (self.ngrams is not None and not allocate_composer(
                &block.composer, self.ngrams.most, <int> stride, memory + 1)):
            return False
        w2v_scratch_init(&block.scratch, <int32_t> n, stride, room)
        return True

    cdef int64_t first_output(self) noexcept nogil:
        """Row of the first word in the output matrix."""
        return self.sampler.n_words - 1 if self.softmax else 0

    cdef int pattern_floats(self) noexcept nogil:
        return <int> W2V_PATTERN_FLOATS(self.most_outputs)

    cdef void run(self, const int *ids, int64_t begin, int64_t end, uint64_t state, Block *block,
                  Tally *tally) noexcept nogil:
        """Train on the ids of a shard, those of the corpus from `begin` to `end`."""
        cdef w2v_progress *shared = self.progress.shared
        cdef double rate = self.rate(w2v_words_done(shared))
        cdef int64_t position = 0, n_ids = end - begin
        block.window.n_floats = self.row_floats()
        block.window.pattern_floats = self.pattern_floats() if self.softmax else <int> self.patterns.shape[2]
        block.line_weight = self.weight_at(begin)
        while not w2v_stopped(shared):
            position = self.fill_block(block, ids, position, n_ids, &state, tally)
            if block.ready > block.first:
                self.plan_steps(block, &state)
                self.place_steps(block, &state)
                self.run_steps(block, rate, &state, tally)
                self.finish_inputs(block, rate)
                tally.trained += block.ready - block.first
                if not isfinite(tally.loss_sum):
                    w2v_stop(shared, W2V_STOP_NOT_FINITE)
            if tally.pending >= REPORT_WORDS or position == n_ids:
                rate = self.rate(w2v_add_words(shared, tally.pending))
                w2v_add_loss(shared, tally.loss_sum, tally.loss_pairs)
                tally.pending = tally.loss_pairs = 0
                tally.loss_sum = 0.0
            self.merge(block, PRIVATE_TOUCHES)
            if position == n_ids and block.ready == block.n:
                break
            carry_rest(block, self.left)
        self.merge(block, 1)

    cdef void place_inputs(self, Block *block) noexcept nogil:
        """Find or make the input row of every kept word."""
        cdef int k
        if self.ngrams is not None:
            compose_block(self.ngrams, self.kernels, block, &self.input_vectors[0, 0])
            return
        for k in range(block.n):
            block.rows[k] = w2v_private_row(&block.inputs, block.ids[k])
        if self.has_frozen:
            copy_frozen(block, &self.frozen[0])

    cdef void finish_inputs(self, Block *block, double rate) noexcept nogil:
        cdef int k
        if self.ngrams is not None:
            decompose_block(self.ngrams, self.kernels, block, &self.input_vectors[0, 0])
        if self.has_anchors:
            for k in range(block.first, block.ready):
                if self.anchored[block.ids[k]]:
                    pull(block.rows[k], &self.anchors[block.ids[k], 0], <float> (rate * self.anchor), self.row_floats())
        if self.has_frozen:
            w2v_scratch_clear(&block.scratch)

    cdef void merge(self, Block *block, int least) noexcept nogil:
        w2v_private_merge(&block.inputs, least, self.others)
        w2v_private_merge(&block.outputs, least, self.others)
        w2v_private_merge(&block.nodes, least, self.others)

    cdef float weight_at(self, int64_t position) noexcept nogil:
        """Weight of the line that goes on at `position`: what stands before its first word."""
        if self.line_weights:
            while position > 0:
                position -= 1
                if self.ids[position] < 0:
                    return w2v_weight_of(self.ids[position]) if self.ids[position] != LINE_END else 1.0
        return 1.0

    cdef int64_t fill_block(self, Block *block, const int *ids, int64_t position, int64_t end, uint64_t *state,
                            Tally *tally) noexcept nogil:
        """Append kept words until BLOCK_WORDS centres are there; returns where reading stopped."""
        cdef const unsigned int *keep = &self.keep[0]
        cdef int64_t start = position
        cdef int n = block.n, limit = block.first + BLOCK_WORDS + self.right, word, kept, no_words = 0
        cdef int least_left = self.left > 0, least_right = self.right > 0, subsampled = 0
        cdef int *kept_ids = block.ids
        cdef int *low = block.low
        cdef int *left = block.left
        cdef int *right = block.right
        cdef float *weights = block.weights
        cdef bint counts = block.line_weight != 0
        cdef uint64_t bits
        while position < end and n < limit:
            word = ids[position]
            if word < 0:
                position += 1
                no_words += 1
                if word != LINE_END:
                    block.line_weight = w2v_weight_of(word)
                    counts = block.line_weight != 0
                    continue
                mark_line(block, n)
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
            kept_ids[n] = word  # a word that is dropped is written over by the next one: no branch to foretell
            low[n] = block.line
            weights[n] = block.line_weight
            if self.shrink:
                left[n] = least_left + <int> w2v_scale32(<uint32_t> bits, self.left)
                right[n] = least_right + <int> w2v_scale32(<uint32_t> bits, self.right)
            else:
                left[n] = self.left
                right[n] = self.right
            n += kept
            subsampled += 1 - kept
        mark_line(block, n)  # what is here of the line under way; at the end of the shard that is all of it
        if position == end:
            block.line = block.ready = n
        else:
            block.ready = max(block.line, n - self.right)
        block.n = n
        tally.pending += position - start - no_words
        tally.subsampled += subsampled
        return position

    cdef void plan_steps(self, Block *block, uint64_t *state) noexcept nogil:
        """Cut the centres into steps and draw their negatives."""
        cdef int i = block.first, n
        cdef int32_t *drawn = block.drawn
        cdef Step *step = block.steps
        while i < block.ready:
            # neighbours of one line, unless they are one word: the rows of a step are distinct
            n = 1 + (self.shared_windows > 1 and i + 1 < block.ready and block.low[i + 1] == block.low[i]
                     and block.ids[i + 1] != block.ids[i])
            step.first = i
            step.n_centres = n
            if self.softmax:
                w2v_prefetch_read(self.tree.offsets + block.ids[i])
            if self.sampling:
                self.kernels.draw(self.sampler.table, <uint64_t> self.sampler.n_words, state, drawn + n,
                                  self.negatives[n - 1])
                drawn[0] = block.ids[i]
                if n == 2:
                    drawn[1] = block.ids[i + 1]
            i += n
            step += 1
            drawn += self.most_outputs
        block.n_steps = <int> (step - block.steps)

    cdef void place_steps(self, Block *block, uint64_t *state) noexcept nogil:
        """Write down the rows that each step will touch. What it reads was drawn a while ago: nothing waits for it."""
        cdef int last = block.n - 1, i, k, n, outputs, nodes = 0
        cdef size_t width = self.most_outputs
        cdef const float **targets = block.targets
        cdef int32_t *drawn = block.drawn
        cdef Step *step = block.steps
        self.place_inputs(block)
        while step < block.steps + block.n_steps:
            i, n = step.first, step.n_centres
            if self.softmax:
                fetch_path(self.tree, block.ids[min(i + PATHS_AHEAD, block.ready - 1)])
                nodes = step.n_outputs = add_nodes(self.tree, block.ids[i], &block.nodes, targets + INPUTS_AHEAD)
            if self.sampling:
                outputs = n + self.negatives[n - 1]
                step.n_outputs = nodes + outputs
                if w2v_any_twice(drawn, outputs):
                    step.n_outputs = nodes + self.redraw(drawn, n, state)
                for k in range(outputs):
                    targets[INPUTS_AHEAD + nodes + k] = w2v_private_row(&block.outputs, drawn[k])
            # the next input rows that no step has touched yet; prefetched with the output rows of this step
            targets[0] = block.rows[min(i + self.ahead, last)]
            targets[1] = block.rows[min(i + n - 1 + self.ahead, last)]
            step += 1
            drawn += width
            targets += width + INPUTS_AHEAD

    cdef int redraw(self, int32_t *ids, int n_centres, uint64_t *state) noexcept nogil:
        """Replace negatives that repeat another or a centre, ids[:n_centres]; returns how many ids are distinct now,
        fewer than asked for only where few words hold nearly all of the noise. The rest is set to the first centre."""
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
                ids[k] = w2v_alias_draw(self.sampler.table, <uint64_t> self.sampler.n_words, w2v_random(state))
            else:
                break
        for previous in range(k, end):
            ids[previous] = ids[0]
        return k

    cdef void run_steps(self, Block *block, double rate, uint64_t *state, Tally *tally) noexcept nogil:
        cdef w2v_window *window = &block.window
        cdef int k, sampled = <int> w2v_scale32(<uint32_t> w2v_random(state), block.n_steps)
        for k in range(block.n_steps):
            self.set_window(block, k)
            window.alpha = <float> (rate * block.weights[block.steps[k].first])
            if self.cbow:
                self.gather(block)
            if k == sampled:
                add_loss(self.kernels, window, tally)
            if not self.cbow:
                self.update(window)
            elif window.n_inputs:  # else the hidden rows are no changes
                self.kernels.window_update(window)
                self.scatter(block)
            if self.has_frozen:
                restore_frozen(block, block.reach.low, block.reach.next_high + 1)

    cdef void update(self, w2v_window *window) noexcept nogil:
        """The step, in parts of nearly equal size where it has too many contexts for one call of the kernel."""
        cdef int left = window.n_inputs, parts = (left + MAX_INPUTS - 1) // MAX_INPUTS
        while parts > 0:
            window.n_inputs = (left + parts - 1) // parts
            self.kernels.window_update(window)
            left -= window.n_inputs
            window.inputs += window.n_inputs
            window.kinds += window.n_inputs
            window.n_prefetch = 0
            parts -= 1

    cdef void gather(self, Block *block) noexcept nogil:
        """Put hidden rows in the place of the contexts of the step under way."""
        cdef w2v_window *window = &block.window
        cdef Hidden *hidden = &block.hidden
        cdef int k
        hidden.blend.masses = hidden.masses if self.ngrams is not None and self.cbow_mean else NULL
        sort_contexts(hidden, block)
        for k in range(hidden.blend.n_hidden):
            hidden.blend.factor[k] = mean_factor(&hidden.blend, k) if self.cbow_mean else 1
            hidden.kinds[k] = 1 + k if hidden.blend.n_common + hidden.blend.n_own[k] else 0
        self.kernels.gather(&hidden.blend)
        window.inputs, window.kinds = hidden.rows, hidden.kinds
        window.n_inputs = hidden.blend.n_hidden if window.n_inputs else 0
        window.apart, window.as_changes = hidden.blend.n_hidden == 2, True

    cdef void scatter(self, Block *block) noexcept nogil:
        """Give the contexts what has changed in the hidden rows."""
        cdef w2v_blend *blend = &block.hidden.blend
        if self.cbow_undivided:
            blend.masses = NULL
            blend.factor[0] = blend.factor[1] = 1
        self.kernels.scatter(blend)

    cdef void set_window(self, Block *block, int k) noexcept nogil:
        """The inputs of a step with two centres are the words from the first to the last that either reaches, of a step
        with one its contexts: a centre is no context of its own."""
        cdef w2v_window *window = &block.window
        cdef Step *step = &block.steps[k]
        cdef int i = step.first
        cdef int n[3]
        cdef size_t width = self.most_outputs + INPUTS_AHEAD
        # two centres have windows of one size, the first's: they reach a tenth fewer words than with a size for each
        block.reach = w2v_reach_of(i, step.n_centres, block.left[i], block.right[i], block.low[i], block.high[i] - 1)
        window.n_inputs = block.reach.next_high - block.reach.low + step.n_centres - 1
        if not self.cbow and step.n_centres == 2:
            w2v_mark_kinds(block.kinds, &block.reach)
            window.inputs, window.kinds = block.rows + block.reach.low, block.kinds
        elif not self.cbow:
            w2v_sort_contexts(&block.reach, sizeof(float *), block.rows, block.contexts, n)
            window.inputs, window.kinds = block.contexts, block.ones
        window.patterns = &self.patterns[step.n_centres - 1, 0, 0]
        window.n_outputs = step.n_outputs
        if self.softmax:
            label_path(self.tree, block.ids[i], step.n_outputs, block.patterns + 2 * window.pattern_floats)
            window.patterns = block.patterns
            if step.n_outputs == 0:  # of a tree of one word
                window.n_inputs = 0
        window.outputs = <float **> block.targets + k * width + INPUTS_AHEAD
        k = min(k + PREFETCH_AHEAD, block.n_steps - 1)
        window.prefetch = block.targets + k * width
        window.n_prefetch = INPUTS_AHEAD + block.steps[k].n_outputs


include "_slots.pxi"
