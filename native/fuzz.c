/* Throws rows at `transcode`: `fuzz SECONDS SEED`. To be built with -fsanitize=address,undefined.
 *
 * Each round makes rows of random columns and values, mostly well-formed, and then damages some
 * of their bytes. Whatever the outcome, what was written must be whole lines of UTF-8 without a
 * control character, and what was consumed must lie within the data.
 */

#include "transcode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_COLUMNS = 6, MOST_ROWS = 4, MOST_BYTES = 4096 };

static uint64_t state;

static uint32_t next(uint32_t below)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return below ? (uint32_t)(state >> 33) % below : 0;
}

static uint8_t *bytes;
static size_t used;

static void add(const void *data, size_t length)
{
    if (used + length > MOST_BYTES)
        return;
    memcpy(bytes + used, data, length);
    used += length;
}

static void add_number(uint64_t value, size_t width)
{
    uint8_t data[8];
    for (size_t n = 0; n < width; n++)
        data[n] = (uint8_t)(value >> 8 * (width - 1 - n));
    add(data, width);
}

static Form form;

/* A length as the protocol of MariaDB codes it: now and then in more bytes than it needs. */
static void add_packed_length(size_t length)
{
    static const uint8_t marks[] = {0xFC, 0xFD, 0xFE}, widths[] = {2, 3, 8};
    uint32_t choice = next(8);
    if (length < 0xFB && choice > 2) {
        add_number(length, 1);
        return;
    }
    choice %= 3;
    add_number(marks[choice], 1);
    for (size_t n = 0; n < widths[choice]; n++)
        add_number(length >> (8 * n > 56 ? 56 : 8 * n) & 0xFF, 1);
}

static void add_sized(const void *data, size_t length)
{
    if (form == PACKED)
        add_packed_length(length);
    else
        add_number(length, 4);
    add(data, length);
}

static void add_null(void)
{
    add_number(form == PACKED ? 0xFB : UINT32_MAX, form == PACKED ? 1 : 4);
}

static void add_digits_or_time(void)
{
    static const char *const texts[] = {
        "0", "-1", "00", "-", "", "123456789012345678", "1234567890123456789", "-0", "1.5", "x",
        "2024-02-29", "2023-02-29", "0000-00-00 00:00:00", "2024-05-06 07:08:09",
        "2024-05-06T07:08:09.123", "2024-05-06 07:08:09.123456", "2024-05-06 24:00:00",
        "2024-13-06 07:08:09", "2024-05-06 07:08:09.12x", "2024-05-06 07:08:09+00",
    };
    const char *text = texts[next(sizeof texts / sizeof *texts)];
    add_sized(text, strlen(text));
}

static void add_text(void)
{
    static const char *const pieces[] = {
        "plain text of some length", "\"", "\\", "\n", "\x01", "\xC3\xBC", "\xF0\x9F\x98\x80",
        "\xED\xA0\x80", "\xC0\x80", "\xFF", "{\"a\":[1,-2.5,true,null,\"x\\u00e9\"]}", "{",
        "}", "[[[[", "\\u12", "\xE2\x82", "{\"k\": {\"n\": 1e5}}", "0123456789abcdef",
    };
    char text[256];
    size_t length = 0;
    for (uint32_t n = next(5); n; n--) {
        const char *piece = pieces[next(sizeof pieces / sizeof *pieces)];
        memcpy(text + length, piece, strlen(piece));
        length += strlen(piece);
    }
    add_sized(text, length);
}

static void add_numeric(void)
{
    uint32_t digits = next(6);
    add_number(8 + 2 * digits, 4);
    add_number(digits, 2);
    add_number(next(8) - 2u, 2);
    add_number(next(4) ? 0x4000 * next(2) : 0xC000, 2);
    add_number(next(3), 2);
    while (digits--)
        add_number(next(10001), 2);
}

static void add_value(Kind kind)
{
    static const size_t widths[] = {2, 4, 8};
    if (!next(8)) {
        add_null();
        return;
    }
    size_t width = kind == BOOLEAN ? 1 : kind == DATE ? 4 : kind == TIMESTAMP ? 8 : widths[next(3)];
    switch (kind) {
    case TEXT: case OBJECT: case JSONB: case BYTES: case CHARACTERS: add_text(); return;
    case WHOLE_DIGITS: case QUOTED_DIGITS: case TRUTH_DIGITS: case TIME_TEXT:
        add_digits_or_time();
        return;
    case WHOLE_NUMERIC:
        if (form == COPIED) {
            add_numeric();
            return;
        }
        /* fall through */
    default:
        if (form == COPIED)
            add_number(width, 4);
        else
            add_packed_length(width);
        add_number((uint64_t)next(UINT32_MAX) << 32 | next(UINT32_MAX), width);
    }
}

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    abort();
}

static void check(Outcome outcome, size_t at, size_t end, size_t rows, const Output *output)
{
    size_t lines = 0;
    for (size_t n = 0; n < output->length; n++) {
        lines += output->data[n] == '\n';
        if ((unsigned char)output->data[n] < 0x20 && output->data[n] != '\n' &&
            output->data[n] != '\t')
            fail("a control character was written");
    }
    if (lines != rows || (output->length && output->data[output->length - 1] != '\n'))
        fail("something else than whole lines was written");
    if (at > used || (outcome == DONE && at != used))
        fail("the end is not that of the data");
    if (outcome == UNSURE && (end <= at || end > used))
        fail("the row that is left lies outside the data");
    if (outcome == NO_MEMORY)
        fail("memory ran out");
}

static void add_row(const Column *columns, size_t count)
{
    size_t begun = used;
    add_number(count, form == PACKED ? 4 : 2);
    for (size_t n = 0; n < count; n++)
        add_value(columns[n].kind);
    if (form == PACKED && used - begun >= 4) {
        size_t length = used - begun - 4;
        for (size_t n = 0; n < 4; n++)
            bytes[begun + n] = (uint8_t)(length >> 8 * (3 - n));
    }
}

static void round_of_rows(void)
{
    Column columns[MOST_COLUMNS];
    size_t count = 1 + next(MOST_COLUMNS);
    for (size_t n = 0; n < count; n++)
        columns[n] = (Column){(Kind)next(KINDS), n ? ",\"k\":" : "{\"k\":", 5};
    bytes = malloc(MOST_BYTES);
    used = 0;
    form = (Form)next(FORMS);
    for (uint32_t rows = next(MOST_ROWS + 1); rows; rows--)
        add_row(columns, count);
    for (uint32_t damage = next(4); damage && used; damage--)
        bytes[next((uint32_t)used)] = (uint8_t)next(256);
    if (used && !next(4))
        used = next((uint32_t)used);
    bytes = realloc(bytes, used ? used : 1); /* so that reading past the end is seen */
    size_t at = 0, end = 0, rows = 0;
    Output output = {NULL, 0, 0};
    Outcome outcome;
    while ((outcome = transcode(form, columns, count, bytes, used, &at, &end, &rows, &output)) == UNSURE) {
        check(outcome, at, end, rows, &output);
        at = end;
    }
    check(outcome, at, end, rows, &output);
    free(output.data);
    free(bytes);
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    time_t until = time(NULL) + atol(arguments[1]);
    state = strtoull(arguments[2], NULL, 10);
    unsigned long rounds = 0;
    do {
        for (int n = 0; n < 1000; n++, rounds++)
            round_of_rows();
    } while (time(NULL) < until);
    printf("%lu rounds\n", rounds);
    return 0;
}
