# The tree of hierarchical softmax; a part of `_loop.pyx`.


cdef class HuffmanTree:
    """The Huffman code of every word, as the inner nodes from the root on (`csrc/loop/huffman.h`). Node 0 is the root.

    Parameters
    ----------
    counts : (n_words,) int64, in any order.
    order : (n_words,) int32, the words by falling count.
    """
    cdef int64_t *offsets           # (n_words + 1,): where each word's path begins
    cdef uint32_t *ways             # node and bit of each step
    cdef readonly int64_t n_words
    cdef readonly int longest       # path

    def __cinit__(self, const long long[::1] counts, const int32_t[::1] order):
        cdef int64_t n = counts.shape[0], k
        cdef int64_t *numbers
        cdef uint32_t *up
        cdef int32_t *depths
        if not 0 < n < 2**31 - 1 or order.shape[0] != n:
            raise ValueError(f"a tree needs 1 to 2^31 - 2 words and their order, not {n} and {order.shape[0]}")
        self.n_words = n
        self.offsets = <int64_t *> malloc((n + 1) * sizeof(int64_t))
        numbers = <int64_t *> malloc(2 * n * sizeof(int64_t))  # counts by order, then weights of nodes
        up = <uint32_t *> malloc(2 * n * sizeof(uint32_t))
        depths = <int32_t *> malloc(n * sizeof(int32_t))
        try:
            if self.offsets == NULL or numbers == NULL or up == NULL or depths == NULL:
                raise MemoryError(f"no memory for the tree of {n} words")
            with nogil:
                for k in range(n):
                    numbers[k] = counts[order[k]]
                w2v_huffman_build(numbers, n, numbers + n, up)
                self.offsets[0] = 0
                w2v_huffman_lengths(up, &order[0], n, depths, self.offsets + 1)
                for k in range(n):
                    self.longest = max(self.longest, <int> self.offsets[k + 1])
                    self.offsets[k + 1] += self.offsets[k]
                self.ways = <uint32_t *> malloc((self.offsets[n] + 1) * sizeof(uint32_t))
            if self.ways == NULL:
                raise MemoryError(f"no memory for the paths of {n} words")
            with nogil:
                w2v_huffman_paths(up, &order[0], n, self.offsets, self.ways)
        finally:
            free(numbers)
            free(up)
            free(depths)

    def __dealloc__(self):
        free(self.offsets)
        free(self.ways)

    def path(self, Py_ssize_t word) -> list[tuple[int, int]]:
        """The nodes that a word's probability is made of, from the root on, and the label of each: 1 for bit 0."""
        if not 0 <= word < self.n_words:
            raise IndexError(f"there is no word {word} among {self.n_words}")
        return [(w2v_way_node(way), 1 - w2v_way_bit(way))
                for way in self.ways[self.offsets[word]:self.offsets[word + 1]]]

    def add_rates(self, const double[::1] words, double[::1] nodes) -> None:
        """Add to each of the nodes (n_words - 1,) the numbers of the words (n_words,) whose paths it is on."""
        cdef int64_t i, k
        if words.shape[0] != self.n_words or nodes.shape[0] != self.n_words - 1:
            raise ValueError("rates of words or nodes do not belong to the tree")
        with nogil:
            for i in range(self.n_words):
                for k in range(self.offsets[i], self.offsets[i + 1]):
                    nodes[w2v_way_node(self.ways[k])] += words[i]


cdef void fetch_path(HuffmanTree tree, int word) noexcept nogil:
    """Have a path fetched, up to a usual length; where it begins should have been fetched already."""
    cdef const uint32_t *way = tree.ways + tree.offsets[word]
    w2v_prefetch_read(way)
    w2v_prefetch_read(way + 16)


cdef int add_nodes(HuffmanTree tree, int word, w2v_private *nodes, const float **targets) noexcept nogil:
    """The rows of a word's path, as outputs of a step; returns how many they are."""
    cdef const uint32_t *way = tree.ways + tree.offsets[word]
    cdef int k, n = <int> (tree.offsets[word + 1] - tree.offsets[word])
    for k in range(n):
        targets[k] = w2v_private_row(nodes, w2v_way_node(way[k]))
    return n


cdef bint allocate_patterns(float **patterns, int pattern_floats, void **memory) noexcept nogil:
    """The patterns of steps whose labels are those of a path: all of them zeros but for the weights of kind 1."""
    cdef int k
    patterns[0] = <float *> aligned(8 * <size_t> pattern_floats * sizeof(float), memory)
    if patterns[0] == NULL:
        return False
    for k in range(pattern_floats):
        patterns[0][3 * <size_t> pattern_floats + k] = 1
    return True


cdef void label_path(HuffmanTree tree, int word, int n_outputs, float *labels) noexcept nogil:
    """The labels of a step of kind 1: those of the path, then 1 for the centre and 0 for its negatives, if there are
    any."""
    cdef const uint32_t *way = tree.ways + tree.offsets[word]
    cdef int k, n = <int> (tree.offsets[word + 1] - tree.offsets[word])
    for k in range(n):
        labels[k] = 1 - w2v_way_bit(way[k])
    for k in range(n, n_outputs):
        labels[k] = k == n
