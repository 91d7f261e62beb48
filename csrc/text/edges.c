/* The lines of a list of edges. Names are looked up in batches whose slots are prefetched, as in tokenizer.c. */
#include "text/edges.h"

#include <float.h>
#include <string.h>

#include "text/lineweight.h"

typedef struct span {
    const uint8_t *begin, *end;
} span;

typedef struct parser {
    const w2v_edge_format *format;
    const uint8_t *text_end;
    w2v_reader *reader;
    int n_names;
    span names[W2V_BATCH]; /* waiting for their ids */
    int32_t *ids;          /* of the next name */
    float *weights;
    w2v_edge_stats *stats;
} parser;

static w2v_status look_up(parser *parser)
{
    w2v_word_key keys[W2V_BATCH];
    uint64_t hashes[W2V_BATCH];
    w2v_reader *reader = parser->reader;
    w2v_wordtable *table = reader->table;
    w2v_reader_pause(reader);
    w2v_fetch_late(reader);
    for (int i = 0; i < parser->n_names; i++) {
        const span name = parser->names[i];
        keys[i] = w2v_make_key(name.begin, name.end - name.begin, parser->text_end - name.begin);
        hashes[i] = w2v_hash_key(keys[i]);
        const w2v_home home = w2v_home_of(table, hashes[i], memory_order_relaxed);
        w2v_prefetch_read(&home.slots[home.at]);
    }
    w2v_count_late(reader);
    for (int i = 0; i < parser->n_names; i++) {
        const span name = parser->names[i];
        int found;
        w2v_slot *slot = w2v_find_from(w2v_home_of(table, hashes[i], memory_order_acquire), keys[i], name.begin,
                                       name.end - name.begin, &found);
        if (!found) {
            const w2v_status status =
                w2v_wordtable_insert(table, keys[i], hashes[i], name.begin, name.end - name.begin, &slot);
            if (status != W2V_OK)
                return status;
        }
        *parser->ids++ = slot->id;
        w2v_count(reader, slot->id);
    }
    parser->n_names = 0;
    return W2V_OK;
}

static inline int is_blank(uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

static span without_blanks(span field)
{
    while (field.begin < field.end && is_blank(*field.begin))
        field.begin++;
    while (field.begin < field.end && is_blank(field.end[-1]))
        field.end--;
    return field;
}

/* The line that begins at `begin`, without its line end: a line feed, a carriage return, or both. */
static span line_at(const uint8_t *begin, const uint8_t *end)
{
    const uint8_t *stop = begin;
    while (stop < end && *stop != '\n' && *stop != '\r')
        stop++;
    return (span){begin, stop};
}

/* Take the next field from the rest of a line. Returns 0 if there is none, -1 for a bad quote. `delimiter_before`:
 * whether a delimiter came before the rest, after which there is a field even if it is empty. `may_be_dict`: whether a
 * brace begins a dict with blanks and delimiters in it, which is the rest of the line. */
static int next_field(const parser *parser, int may_be_dict, span *rest, int *delimiter_before, span *field)
{
    const int delimiter = parser->format->delimiter;
    const uint8_t *at = rest->begin, *end = rest->end;
    if (delimiter == 0) {
        while (at < end && is_blank(*at))
            at++;
        field->begin = at;
        if (may_be_dict && at < end && *at == '{')
            at = end;
        while (at < end && !is_blank(*at))
            at++;
        field->end = rest->begin = at;
        return field->end > field->begin;
    }
    if (at == end && !*delimiter_before)
        return 0;
    while (at < end && is_blank(*at) && *at != delimiter)
        at++;
    if (at < end && *at == '"') {
        field->begin = ++at;
        while (at < end && *at != '"')
            at++;
        field->end = at++;
        while (at < end && is_blank(*at) && *at != delimiter)
            at++;
        if (at > end || (at < end && *at != delimiter))
            return -1;
    } else {
        field->begin = at;
        if (may_be_dict && at < end && *at == '{')
            at = end;
        while (at < end && *at != delimiter)
            at++;
        field->end = at;
        *field = without_blanks(*field);
    }
    *delimiter_before = at < end;
    rest->begin = at + (at < end);
    return 1;
}

/* The number after the key 'weight' of a dict of Python; 1 for a dict without it. */
static float weight_in_dict(span dict)
{
    static const char key[] = "weight";
    const int64_t length = sizeof key - 1;
    for (const uint8_t *at = dict.begin + 2; at + length + 2 < dict.end; at++) {
        if (memcmp(at, key, (size_t)length) != 0 || (at[-1] != '\'' && at[-1] != '"') || at[length] != at[-1])
            continue;
        span value = {at + length + 1, dict.end};
        value = without_blanks(value);
        if (value.begin == value.end || *value.begin != ':') /* a value of another key */
            continue;
        value.begin++;
        const uint8_t *end = value.begin;
        while (end < value.end && *end != ',' && *end != '}')
            end++;
        value.end = end;
        value = without_blanks(value);
        return w2v_read_weight(value.begin, value.end - value.begin);
    }
    return 1;
}

static w2v_bad_edge take_weight(parser *parser, span field)
{
    const int is_dict = field.begin < field.end && *field.begin == '{';
    const float weight = is_dict ? weight_in_dict(field) : w2v_read_weight(field.begin, field.end - field.begin);
    if (!(weight >= -FLT_MAX && weight <= FLT_MAX))
        return W2V_EDGE_NOT_A_NUMBER;
    if (!(weight > 0))
        return W2V_EDGE_NOT_POSITIVE;
    parser->weights[parser->stats->edges] = weight;
    return W2V_EDGE_GOOD;
}

static w2v_bad_edge take_line(parser *parser, span line)
{
    const w2v_edge_format *format = parser->format;
    const int weighted = format->weights == W2V_EDGE_WEIGHTS;
    int last = format->source > format->target ? format->source : format->target, delimiter_before = 0;
    span field, source = {0}, target = {0}, weight = {0};
    if (weighted && format->weight > last)
        last = format->weight;
    for (int column = 0; column <= last; column++) {
        const int is_weight = weighted && column == format->weight;
        const int status = next_field(parser, is_weight, &line, &delimiter_before, &field);
        if (status < 0)
            return W2V_EDGE_OPEN_QUOTE;
        if (status == 0)
            return source.begin && target.begin ? W2V_EDGE_NO_WEIGHT : W2V_EDGE_FEW_FIELDS;
        if (column == format->source)
            source = field;
        else if (column == format->target)
            target = field;
        else if (is_weight)
            weight = field;
    }
    if (source.begin == source.end || target.begin == target.end)
        return W2V_EDGE_FEW_FIELDS;
    if (weighted) {
        if (weight.begin == weight.end)
            return W2V_EDGE_NO_WEIGHT;
        const w2v_bad_edge bad = take_weight(parser, weight);
        if (bad)
            return bad;
    }
    line = without_blanks(line);
    if (line.begin < line.end) {
        if (format->weights == W2V_EDGE_NO_WEIGHTS)
            return W2V_EDGE_MANY_FIELDS;
        parser->stats->further++;
    }
    parser->names[parser->n_names++] = source;
    parser->names[parser->n_names++] = target;
    parser->stats->edges++;
    return W2V_EDGE_GOOD;
}

static w2v_status read_lines(parser *parser, const uint8_t *text, int64_t n)
{
    w2v_edge_stats *stats = parser->stats;
    const uint8_t *at = text, *end = text + n;
    while (at < end) {
        const span line = line_at(at, end);
        const span inner = without_blanks(line);
        at = line.end + 1; /* a line feed after a carriage return is an empty line */
        if (inner.begin == inner.end)
            continue;
        if (*inner.begin == '#' || *inner.begin == '%') {
            stats->comments++;
            continue;
        }
        stats->bad = take_line(parser, line);
        if (stats->bad) {
            stats->bad_begin = line.begin - text;
            stats->bad_end = line.end - text;
            return W2V_OK;
        }
        if (parser->n_names == W2V_BATCH) {
            const w2v_status status = look_up(parser);
            if (status != W2V_OK)
                return status;
        }
    }
    return look_up(parser);
}

w2v_status w2v_read_edges(const w2v_edge_format *format, const uint8_t *text, int64_t n, w2v_reader *reader,
                          int32_t *ends, float *weights, w2v_edge_stats *stats)
{
    parser parser = {.format = format, .text_end = text + n, .reader = reader, .ids = ends, .weights = weights,
                     .stats = stats};
    memset(stats, 0, sizeof *stats);
    w2v_reader_begin(reader);
    const w2v_status status = read_lines(&parser, text, n);
    w2v_count_late(reader);
    w2v_reader_end(reader);
    return status;
}
