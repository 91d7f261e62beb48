/* The tokenizer: 64 bytes of text are turned into two bit masks, the masks into word boundaries, and words are looked
 * up in batches whose slots are prefetched. No branch depends on single bytes of text. */
#include "text/tokenizer.h"

#include <float.h>

#include "text/bytes.h"
#include "text/lineweight.h"

enum {
    CHUNK = 64, /* bytes in one mask */
    SPAN = 2048 /* bytes whose word boundaries are collected before the words are looked up */
};

/* One bit for each byte: whether it is a separator (line ends included), and whether it is a line end. */
typedef struct byte_masks {
    uint64_t separators, line_ends;
} byte_masks;

static inline byte_masks masks_by_table(const uint8_t *classes, const uint8_t *text)
{
    byte_masks masks = {0, 0};
    for (int i = 0; i < CHUNK; i++) {
        uint64_t kind = classes[text[i]];
        masks.separators |= ((kind & 1) | kind >> 1) << i;
        masks.line_ends |= (kind >> 1) << i;
    }
    return masks;
}

#if defined(W2V_BYTES_SSE2)
/* The same for ASCII white space (9 to 13 and the blank; line end is \n), 16 bytes at a time. */
static inline byte_masks masks_ascii(const uint8_t *text)
{
    const __m128i blank = _mm_set1_epi8(' '), newline = _mm_set1_epi8('\n');
    const __m128i tab = _mm_set1_epi8('\t'), four = _mm_set1_epi8(4);
    byte_masks masks = {0, 0};
    for (int i = 0; i < CHUNK; i += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(text + i));
        __m128i from_tab = _mm_sub_epi8(bytes, tab);
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(from_tab, four), from_tab);
        __m128i space = _mm_or_si128(control, _mm_cmpeq_epi8(bytes, blank));
        masks.separators |= (uint64_t)(uint32_t)_mm_movemask_epi8(space) << i;
        masks.line_ends |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, newline)) << i;
    }
    return masks;
}
#endif

static int is_ascii_white_space(const uint8_t *classes)
{
    for (int byte = 0; byte < 256; byte++) {
        int expected = byte == '\n'                               ? W2V_BYTE_LINE_END
                       : byte == ' ' || (byte >= 9 && byte <= 13) ? W2V_BYTE_SEPARATOR
                                                                  : W2V_BYTE_WORD;
        if (classes[byte] != expected)
            return 0;
    }
    return 1;
}

/* State of one block. `edges` are positions in the text: begin, end, begin, end, ... of the words of the current span;
 * an odd number means that the last word is incomplete. `breaks` are line ends: breaks[i] words of the span come before
 * line end i. */
typedef struct scanner {
    const uint8_t *classes, *text;
    int64_t n;
    int ascii;
    uint64_t after_separator; /* 1 if the byte before the next one is a separator or the start of the block */
    int n_edges, n_breaks;
    uint32_t edges[SPAN + 2];
    uint32_t breaks[SPAN + 1];
    w2v_reader *reader;
    int32_t *out;
    int64_t n_ids, line_start;
    int weighted, weight_next; /* whether lines begin with a weight; whether the next word is one */
    w2v_block_stats *stats;
} scanner;

static inline byte_masks masks_at(const scanner *scan, int64_t at)
{
    uint8_t last[CHUNK] = {0};
    const uint8_t *text = scan->text + at;
    int64_t left = scan->n - at;
    byte_masks masks;
    if (left < CHUNK) {
        memcpy(last, text, (size_t)left);
        text = last;
    }
#if defined(W2V_BYTES_SSE2)
    masks = scan->ascii ? masks_ascii(text) : masks_by_table(scan->classes, text);
#else
    masks = masks_by_table(scan->classes, text);
#endif
    if (left < CHUNK) {
        masks.separators |= ~(uint64_t)0 << left;
        masks.line_ends &= ~(~(uint64_t)0 << left);
    }
    return masks;
}

static inline int append_edges(uint32_t *edges, int n_edges, int64_t at, uint64_t changes)
{
    while (changes) {
        edges[n_edges++] = (uint32_t)(at + w2v_lowest_bit(changes));
        changes &= changes - 1;
    }
    return n_edges;
}

/* A chunk with line ends, which is rare. A line end is a separator, so every word before it is complete and n_edges is
 * even. */
static uint64_t append_lines(scanner *scan, int64_t at, uint64_t changes, uint64_t line_ends)
{
    while (line_ends) {
        uint64_t bit = line_ends & (~line_ends + 1), through = bit | (bit - 1);
        int64_t position = at + w2v_lowest_bit(line_ends);
        scan->n_edges = append_edges(scan->edges, scan->n_edges, at, changes & through);
        changes &= ~through;
        line_ends &= line_ends - 1;
        scan->breaks[scan->n_breaks++] = (uint32_t)scan->n_edges / 2;
        if (position > 0 && scan->text[position - 1] == '\r' && scan->classes['\r'] == W2V_BYTE_SEPARATOR)
            scan->stats->crlf_lines++;
    }
    return changes;
}

static void scan_span(scanner *scan, int64_t begin, int64_t end)
{
    for (int64_t at = begin; at < end; at += CHUNK) {
        byte_masks masks = masks_at(scan, at);
        uint64_t changes = masks.separators ^ (masks.separators << 1 | scan->after_separator);
        scan->after_separator = masks.separators >> 63;
        if (masks.line_ends)
            changes = append_lines(scan, at, changes, masks.line_ends);
        scan->n_edges = append_edges(scan->edges, scan->n_edges, at, changes);
    }
}

static void end_line(scanner *scan)
{
    int no_words = scan->n_ids == scan->line_start;
    if (scan->weighted && no_words && scan->n_ids > 0 && scan->out[scan->n_ids - 1] <= W2V_LARGEST_WEIGHT)
        scan->line_start = --scan->n_ids; /* a weight without words */
    scan->weight_next = scan->weighted;
    w2v_end_line(scan->stats, scan->out, &scan->n_ids, &scan->line_start);
}

/* Read the first word of a line as its weight. */
static w2v_status write_weight(scanner *scan, int64_t begin, int64_t end)
{
    w2v_block_stats *stats = scan->stats;
    const float weight = w2v_read_weight(scan->text + begin, end - begin);
    if (!(weight >= 0 && weight <= FLT_MAX)) {
        stats->bad_weight_begin = begin;
        stats->bad_weight_end = end;
        return W2V_BAD_WEIGHT;
    }
    stats->lowest_weight = stats->weights == 0 || weight < stats->lowest_weight ? weight : stats->lowest_weight;
    stats->highest_weight = stats->weights == 0 || weight > stats->highest_weight ? weight : stats->highest_weight;
    stats->weight_sum += weight;
    stats->zero_weights += weight == 0;
    stats->weights++;
    scan->out[scan->n_ids++] = w2v_weight_entry(weight);
    scan->line_start = scan->n_ids;
    scan->weight_next = 0;
    return W2V_OK;
}

/* Look up words first .. first + count - 1 of the span; *next_break is the first line end not yet written. */
static w2v_status look_up(scanner *scan, int first, int count, int *next_break)
{
    w2v_word_key keys[W2V_BATCH];
    uint64_t hashes[W2V_BATCH];
    const uint32_t *edges = scan->edges + 2 * first;
    w2v_reader *reader = scan->reader;
    w2v_wordtable *table = reader->table;
    w2v_reader_pause(reader);
    w2v_fetch_late(reader);
    for (int i = 0; i < count; i++) {
        int64_t begin = edges[2 * i], length = edges[2 * i + 1] - begin;
        keys[i] = w2v_make_key(scan->text + begin, length, scan->n - begin);
        hashes[i] = w2v_hash_key(keys[i]);
        w2v_home home = w2v_home_of(table, hashes[i], memory_order_relaxed);
        w2v_prefetch_read(&home.slots[home.at]);
    }
    w2v_count_late(reader);
    for (int i = 0; i < count; i++) {
        const uint8_t *word = scan->text + edges[2 * i];
        int64_t length = edges[2 * i + 1] - edges[2 * i];
        int found;
        while (scan->breaks[*next_break] == (uint32_t)(first + i)) {
            end_line(scan);
            ++*next_break;
        }
        if (scan->weight_next) {
            w2v_status status = write_weight(scan, edges[2 * i], edges[2 * i + 1]);
            if (status != W2V_OK)
                return status;
            continue;
        }
        w2v_slot *slot =
            w2v_find_from(w2v_home_of(table, hashes[i], memory_order_acquire), keys[i], word, length, &found);
        if (!found) {
            w2v_status status = w2v_wordtable_insert(table, keys[i], hashes[i], word, length, &slot);
            if (status != W2V_OK)
                return status;
        }
        scan->out[scan->n_ids++] = slot->id;
        w2v_count(reader, slot->id);
    }
    return W2V_OK;
}

/* Write the ids of the complete words of the span and its line ends; an incomplete word is moved to the front. */
static w2v_status write_span(scanner *scan)
{
    int words = scan->n_edges / 2, next_break = 0;
    scan->breaks[scan->n_breaks] = UINT32_MAX;
    for (int first = 0; first < words; first += W2V_BATCH) {
        w2v_status status = look_up(scan, first, words - first < W2V_BATCH ? words - first : W2V_BATCH, &next_break);
        if (status != W2V_OK)
            return status;
    }
    for (; next_break < scan->n_breaks; next_break++)
        end_line(scan);
    scan->stats->words += words;
    if (scan->n_edges & 1)
        scan->edges[0] = scan->edges[scan->n_edges - 1];
    scan->n_edges &= 1;
    scan->n_breaks = 0;
    return W2V_OK;
}

static w2v_status tokenize(scanner *scan)
{
    for (int64_t begin = 0; begin < scan->n; begin += SPAN) {
        int64_t end = scan->n - begin < SPAN ? scan->n : begin + SPAN;
        scan_span(scan, begin, end);
        if (end == scan->n && scan->n_edges & 1)
            scan->edges[scan->n_edges++] = (uint32_t)scan->n;
        w2v_status status = write_span(scan);
        if (status != W2V_OK)
            return status;
    }
    return W2V_OK;
}

w2v_status w2v_tokenize(const uint8_t *classes, const uint8_t *text, int64_t n, w2v_line_weights weights,
                        w2v_reader *reader, int32_t *out, w2v_block_stats *stats)
{
    scanner scan; /* 16 KiB: fields are set one by one instead of clearing all of it */
    scan.classes = classes;
    scan.text = text;
    scan.n = n;
    scan.ascii = is_ascii_white_space(classes);
    scan.after_separator = 1;
    scan.n_edges = scan.n_breaks = 0;
    scan.reader = reader;
    scan.out = out;
    scan.n_ids = scan.line_start = 0;
    scan.weighted = weights != W2V_NO_WEIGHTS;
    scan.weight_next = weights == W2V_WEIGHT_FIRST;
    scan.stats = stats;
    memset(stats, 0, sizeof *stats);
    w2v_reader_begin(reader);
    w2v_status status = tokenize(&scan);
    w2v_count_late(reader);
    w2v_reader_end(reader);
    stats->n_ids = scan.n_ids;
    stats->words -= stats->weights;
    stats->tail_words = scan.n_ids - scan.line_start;
    return status;
}

int64_t w2v_remap(const int32_t *ids, int64_t n, const int32_t *map, int64_t n_map, int32_t *out, int32_t *last)
{
    int64_t kept = 0;
    int32_t before = *last;
    for (int64_t i = 0; i < n; i++) {
        uint32_t place = (uint32_t)ids[i] + 1;
        if (place >= (uint64_t)n_map) {
            if (ids[i] > W2V_LARGEST_WEIGHT)
                return -1;
            out[kept++] = ids[i];
            continue;
        }
        int32_t id = map[place];
        if (id == W2V_LINE_END && (kept > 0 ? out[kept - 1] : before) == W2V_LINE_END)
            continue;
        /* Always written, sometimes kept: which words are unknown is not predictable. */
        out[kept] = id;
        kept += id != W2V_DROPPED;
    }
    *last = kept > 0 ? out[kept - 1] : before;
    return kept;
}
