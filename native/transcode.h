/* Rows of PostgreSQL's COPY BINARY to JSON Lines, without Python: see transcode.c. */

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
    BYTES,           /* bytea, exported as base64 */
    KINDS
} Kind;

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
Outcome transcode(const Column *columns, size_t count, const uint8_t *data, size_t length,
                  size_t *at, size_t *end, size_t *rows, Output *output);

#endif
