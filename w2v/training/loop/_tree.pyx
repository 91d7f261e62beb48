"""The Huffman tree of hierarchical softmax."""

from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.stdlib cimport free, malloc

from w2v.training.loop._csrc cimport (
    w2v_huffman_build, w2v_huffman_lengths, w2v_huffman_paths, w2v_way_bit, w2v_way_node,
)


cdef class HuffmanTree:
    """The Huffman code of every word, as the inner nodes on its path from the root (`csrc/loop/huffman.h`).

    Node 0 is the root.

    Parameters
    ----------
    counts : (n_words,) int64
        In any order.
    order : (n_words,) int32
        The words by falling count.

    Attributes
    ----------
    longest : int
        Number of nodes on the longest path.
    """

    def __cinit__(self, const long long[::1] counts, const int32_t[::1] order):
        cdef int64_t n = counts.shape[0], k
        cdef int64_t *numbers
        cdef uint32_t *up
        cdef int32_t *depths
        if not 0 < n < 2**31 - 1 or order.shape[0] != n:
            raise ValueError(f"a tree needs 1 to 2^31 - 2 words and their order, not {n} and {order.shape[0]}")
        self.n_words = n
        self.paths.offsets = <int64_t *> malloc((n + 1) * sizeof(int64_t))
        numbers = <int64_t *> malloc(2 * n * sizeof(int64_t))  # counts in order, then weights of nodes
        up = <uint32_t *> malloc(2 * n * sizeof(uint32_t))
        depths = <int32_t *> malloc(n * sizeof(int32_t))
        try:
            if self.paths.offsets == NULL or numbers == NULL or up == NULL or depths == NULL:
                raise MemoryError(f"no memory for the tree of {n} words")
            with nogil:
                for k in range(n):
                    numbers[k] = counts[order[k]]
                w2v_huffman_build(numbers, n, numbers + n, up)
                self.paths.offsets[0] = 0
                w2v_huffman_lengths(up, &order[0], n, depths, self.paths.offsets + 1)
                for k in range(n):
                    self.longest = max(self.longest, <int> self.paths.offsets[k + 1])
                    self.paths.offsets[k + 1] += self.paths.offsets[k]
                self.paths.ways = <uint32_t *> malloc((self.paths.offsets[n] + 1) * sizeof(uint32_t))
            if self.paths.ways == NULL:
                raise MemoryError(f"no memory for the paths of {n} words")
            with nogil:
                w2v_huffman_paths(up, &order[0], n, self.paths.offsets, self.paths.ways)
        finally:
            free(numbers)
            free(up)
            free(depths)

    def __dealloc__(self):
        free(self.paths.offsets)
        free(self.paths.ways)

    def path(self, Py_ssize_t word) -> list[tuple[int, int]]:
        """Nodes on the path to a word, from the root on, each with its label: 1 for bit 0 of the code, 0 for bit 1."""
        if not 0 <= word < self.n_words:
            raise IndexError(f"word {word} is out of range: the tree has {self.n_words} words")
        return [(w2v_way_node(way), 1 - w2v_way_bit(way))
                for way in self.paths.ways[self.paths.offsets[word]:self.paths.offsets[word + 1]]]

    def add_rates(self, const double[::1] words, double[::1] nodes) -> None:
        """Add the number of each word (n_words,) to all nodes (n_words - 1,) on its path."""
        cdef int64_t i, k
        if words.shape[0] != self.n_words or nodes.shape[0] != self.n_words - 1:
            raise ValueError(f"a tree of {self.n_words} words needs as many rates of words, and one less of nodes")
        with nogil:
            for i in range(self.n_words):
                for k in range(self.paths.offsets[i], self.paths.offsets[i + 1]):
                    nodes[w2v_way_node(self.paths.ways[k])] += words[i]
