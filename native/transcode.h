/* Rows as a database gives them to JSON Lines, without Python: see transcode.c. */

#ifndef CXPORT_TRANSCODE_H
#define CXPORT_TRANSCODE_H

#include <stddef.h>
#include <stdint.h>

/* What a column holds and becomes; the names stand in cxport/formats/copied.py as well. */
typedef enum {
    NOTHING,         /* always null */
    TEXT,            /* text, varchar, bpchar, name */
    INTEGER,         /* int2, int4, int8 */
    WHOLE_NUMERIC,   /* numeric, exported as a whole number */
    BOOLEAN,         /* bool */
    TIMESTAMP,       /* timestamp, timestamptz of a session in UTC */
    DATE,            /* date */
    OBJECT,          /* json, text or bytea that may hold a JSON object */
    JSONB,           /* jsonb, exported as an object */
    BYTES,           /* bytea, and every other type of bytes, exported as base64 */
    CHARACTERS,      /* text that may hold what PostgreSQL refuses: a NUL, or no UTF-8 */
    WHOLE_DIGITS,    /* a whole number in decimal digits */
    QUOTED_DIGITS,   /* the same, exported as text */
    TRUTH_DIGITS,    /* the same, exported as whether it is not 0 */
    TIME_TEXT,       /* 2024-05-06, or 2024-05-06 07:08:09, with or without a fraction; in UTC */
    KINDS
} Kind;

/* How rows are told from each other, and their values. */
typedef enum {
    COPIED, /* PostgreSQL's COPY BINARY */
    PACKED, /* MariaDB's text protocol: a payload of a row behind its length in 4 bytes */
    FORMS
} Form;

typedef struct {
    const uint8_t *data;
    size_t length;
} Octets;

typedef struct {
    Kind kind;
    const char *key; /* what stands before its value: `{"id":` or `,"text":` */
    size_t key_length;
} Column;

typedef struct {
    char *data;
    size_t length;
    size_t capacity;
} Output;

typedef enum {
    DONE,      /* every row was written */
    UNSURE,    /* a row holds a value whose form only the Python way knows; it was not written */
    MALFORMED, /* this is no row of these columns */
    NO_MEMORY
} Outcome;

/* Rows `*at` to the end of the data. On UNSURE `*at` and `*end` enclose the row; `*rows` counts
 * those written. `output` is to be freed by the caller whatever the outcome. */
Outcome transcode(Form form, const Column *columns, size_t count, const uint8_t *data,
                  size_t length, size_t *at, size_t *end, size_t *rows, Output *output);

/* The pieces of a row, for who has its values one by one; `value` is NULL for null. */
Outcome write_value(Output *output, const Column *column, const Octets *value);
Outcome write_number(Output *output, const Column *column, int64_t value);
Outcome write_end(Output *output);

#endif
