/* Bytes that do not compress, as base64 in deflate's form.
 *
 * All that a compressor finds in such a text is that a character has 6 bits. So its code is known
 * ahead: 6 bits for each character but `z`, whose code leaves the end of the block one, with 7.
 * Codes are written as they stand in RFC 1951: canonical, in the order of the characters, and
 * most significant bit first (3.1.1), so that they lie in the tables below bit by bit reversed.
 */

#include "base64.h"

#include <string.h>

enum { GROUP = 3, PAIRS = 1 << 12, ROOM = 128 };

/* --- Bits ------------------------------------------------------------------------------------ */

typedef struct {
    uint8_t *at;
    uint64_t bits; /* that are not yet a byte, from the least significant one on */
    unsigned count;
} Writer;

/* Takes up to 56 bits, of which there may be up to 7 already; writes 8 bytes, keeps the whole ones. */
static inline void put_bits(Writer *writer, uint64_t bits, unsigned count)
{
    bits = writer->bits | bits << writer->count;
    count += writer->count;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(writer->at, &bits, 8);
#else
    for (int n = 0; n < 8; n++)
        writer->at[n] = (uint8_t)(bits >> 8 * n);
#endif
    writer->at += count >> 3;
    writer->bits = bits >> (count & ~7u);
    writer->count = count & 7;
}

static unsigned reversed(unsigned code, unsigned count)
{
    unsigned found = 0;
    for (; count; count--, code >>= 1)
        found = found << 1 | (code & 1);
    return found;
}

/* --- The head of a block (RFC 1951, 3.2.7) --------------------------------------------------- */

enum { REPEAT = 16, ZEROS = 17, MANY_ZEROS = 18 };

typedef struct {
    uint8_t symbol, extra; /* a code length, or one of the above with what is added to it */
} Step;

/* The lengths of the codes of all symbols, then of two distances that do not occur: decoders have
 * been known to want them. */
static const Step LENGTHS[] = {
    {MANY_ZEROS, 43 - 11}, {6, 0},                                /* + */
    {ZEROS, 3 - 3}, {6, 0}, {REPEAT, 6 - 3}, {REPEAT, 4 - 3},     /* / and digits */
    {ZEROS, 7 - 3}, {6, 0}, {REPEAT, 6 - 3}, {REPEAT, 6 - 3},     /* A to Z */
    {REPEAT, 6 - 3}, {REPEAT, 4 - 3}, {REPEAT, 3 - 3},
    {ZEROS, 6 - 3}, {6, 0}, {REPEAT, 6 - 3}, {REPEAT, 6 - 3},     /* a to y */
    {REPEAT, 6 - 3}, {REPEAT, 6 - 3},
    {7, 0}, {MANY_ZEROS, 133 - 11}, {7, 0}, {1, 0}, {1, 0},       /* z, the block's end */
};

/* The code of each step, and how many bits it and what is added to it have. */
static void put_step(Writer *writer, Step step)
{
    unsigned code, count, more = 0;
    switch (step.symbol) {
    case REPEAT: code = 0, count = 1, more = 2; break;
    case 6: code = 4, count = 3; break;
    case ZEROS: code = 5, count = 3, more = 3; break;
    case MANY_ZEROS: code = 6, count = 3, more = 7; break;
    case 1: code = 14, count = 4; break;
    default: code = 15, count = 4; /* 7 */
    }
    put_bits(writer, reversed(code, count), count);
    put_bits(writer, step.extra, more);
}

static void put_head(Writer *writer)
{
    /* of the steps 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1 */
    static const uint8_t counts[] = {1, 3, 3, 0, 0, 4, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4};
    put_bits(writer, 4, 3);                  /* not the last block; dynamic codes */
    put_bits(writer, 257 - 257, 5);          /* symbols */
    put_bits(writer, 2 - 1, 5);              /* distances */
    put_bits(writer, sizeof counts - 4, 4);
    for (size_t n = 0; n < sizeof counts; n++)
        put_bits(writer, counts[n], 3);
    for (size_t n = 0; n < sizeof LENGTHS / sizeof *LENGTHS; n++)
        put_step(writer, LENGTHS[n]);
}

/* Ends the block, and with an empty stored one (3.2.4) the byte. */
static void put_end(Writer *writer)
{
    put_bits(writer, 127, 7);
    put_bits(writer, 0, 3);
    put_bits(writer, 0, (8 - writer->count) & 7);
    put_bits(writer, 0xFFFF0000, 32);
}

/* --- The text -------------------------------------------------------------------------------- */

/* Gives the place of a character's code, from its 6 bits: `+` is the first, `y` the last. */
static unsigned place(unsigned bits)
{
    if (bits >= 62)
        return bits - 62;
    return bits >= 52 ? bits - 52 + 2 : bits + 12;
}

/* For each 12 bits the codes of two characters, and below them how many bits they have: entries
 * can be added to count the bits of several. */
enum { COUNT_BITS = 6, COUNT = (1 << COUNT_BITS) - 1 };

static void fill_pairs(uint32_t *pairs)
{
    enum { Z = 51 };
    unsigned codes[64];
    for (unsigned n = 0; n < 64; n++)
        codes[n] = n == Z ? reversed(126, 7) : reversed(place(n), 6);
    for (unsigned n = 0; n < PAIRS; n++) {
        unsigned first = n >> 6, second = n & 63, longer = first == Z;
        unsigned both = codes[first] | codes[second] << (6 + longer);
        pairs[n] = both << COUNT_BITS | (12 + longer + (second == Z));
    }
}

static uint64_t eight_at(const uint8_t *data)
{
    uint64_t value;
    memcpy(&value, data, 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

/* Gives the bits of two entries, one behind the other. */
static inline uint64_t joined(uint32_t first, uint32_t second)
{
    return first >> COUNT_BITS | (uint64_t)(second >> COUNT_BITS) << (first & COUNT);
}

/* Takes the writer by value and gives it back, so that it stays in registers. */
static Writer with_text(Writer writer, const uint8_t *data, size_t length)
{
    enum { MASK = PAIRS - 1 };
    uint32_t pairs[PAIRS];
    fill_pairs(pairs);
    size_t at = 0;
    for (; length - at >= 8; at += 2 * GROUP) {
        uint64_t bits = eight_at(data + at);
        uint32_t a = pairs[bits >> 52], b = pairs[bits >> 40 & MASK];
        uint32_t c = pairs[bits >> 28 & MASK], d = pairs[bits >> 16 & MASK];
        uint64_t codes = joined(a, b) | joined(c, d) << ((a + b) & COUNT);
        put_bits(&writer, codes, (a + b + c + d) & COUNT);
    }
    for (; at < length; at += GROUP) {
        unsigned bits = (unsigned)data[at] << 16 | (unsigned)data[at + 1] << 8 | data[at + 2];
        uint32_t a = pairs[bits >> 12], b = pairs[bits & MASK];
        put_bits(&writer, joined(a, b), (a + b) & COUNT);
    }
    return writer;
}

size_t deflated_most(size_t length)
{
    return length + length / 6 + ROOM; /* 28 bits for 3 bytes */
}

size_t deflate_base64(const uint8_t *data, size_t length, uint8_t *output)
{
    Writer writer = {output, 0, 0};
    put_head(&writer);
    writer = with_text(writer, data, length);
    put_end(&writer);
    return (size_t)(writer.at - output);
}

/* --- What does not compress ------------------------------------------------------------------ */

enum { LINE = 64, LINES = 128, SAMPLED = LINE * LINES, WINDOW = 4096 * GROUP, SLOTS = 1 << 12 };

/* Whether two bytes of a sample spread over all are hardly more often the same than by chance. */
static int is_even(const uint8_t *data, size_t length)
{
    uint32_t counts[256] = {0};
    size_t step = (length - LINE) / (LINES - 1);
    for (size_t line = 0; line < LINES; line++)
        for (size_t n = 0; n < LINE; n++)
            counts[data[line * step + n]]++;
    uint32_t same = 0;
    for (size_t n = 0; n < 256; n++)
        same += counts[n] * (counts[n] - (counts[n] > 0));
    const uint32_t by_chance = SAMPLED / 256 * (SAMPLED - 1);
    return same < by_chance + by_chance / 32;
}

/* Whether hardly any 6 bytes of the middle come again where base64 makes the same text of them. */
static int is_new(const uint8_t *data, size_t length)
{
    uint16_t places[SLOTS] = {0};
    const uint8_t *middle = data + (length - WINDOW) / 2 / GROUP * GROUP;
    unsigned again = 0;
    for (size_t at = 0; at + 8 <= WINDOW; at += GROUP) {
        uint64_t six = eight_at(middle + at) >> 16;
        uint16_t *slot = &places[six * UINT64_C(0x9E3779B97F4A7C15) >> 52];
        again += at && eight_at(middle + *slot) >> 16 == six;
        *slot = (uint16_t)at;
    }
    return again < WINDOW / GROUP / 64;
}

int looks_random(const uint8_t *data, size_t length)
{
    return length >= WINDOW && is_even(data, length) && is_new(data, length);
}
