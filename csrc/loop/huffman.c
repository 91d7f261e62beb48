/* Construction of the Huffman tree and of the paths of all words. */
#include "loop/huffman.h"

void w2v_huffman_build(const int64_t *counts, int64_t n, int64_t *weights, uint32_t *up)
{
    int64_t leaf = n - 1, node = 0; /* the lightest leaf and node without a parent */
    for (int64_t made = 0; made < n - 1; made++) {
        const uint32_t number = (uint32_t)(n - 2 - made) << 1;
        weights[made] = 0;
        for (uint32_t bit = 0; bit < 2; bit++) {
            const int64_t light = leaf >= 0 ? (counts[leaf] > 0 ? counts[leaf] : 1) : 0;
            if (leaf >= 0 && (node == made || light < weights[node])) {
                weights[made] += light;
                up[leaf--] = number | bit;
            } else {
                weights[made] += weights[node];
                up[n + node++] = number | bit;
            }
        }
    }
}

void w2v_huffman_lengths(const uint32_t *up, const int32_t *order, int64_t n, int32_t *depths, int64_t *lengths)
{
    for (int64_t node = 0; node < n - 1; node++) /* parents have lower numbers */
        depths[node] = node ? depths[w2v_way_node(up[n + n - 2 - node])] + 1 : 0;
    for (int64_t k = 0; k < n; k++)
        lengths[order[k]] = n > 1 ? depths[w2v_way_node(up[k])] + 1 : 0;
}

void w2v_huffman_paths(const uint32_t *up, const int32_t *order, int64_t n, const int64_t *offsets, uint32_t *ways)
{
    for (int64_t k = 0; k < n; k++) {
        const int64_t begin = offsets[order[k]];
        int64_t at = offsets[order[k] + 1];
        for (uint32_t way = up[k]; at > begin; way = up[n + n - 2 - w2v_way_node(way)])
            ways[--at] = way;
    }
}
