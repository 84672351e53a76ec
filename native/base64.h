/* Bytes that do not compress, as base64 in deflate's form: see base64.c. */

#ifndef CXPORT_BASE64_H
#define CXPORT_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Whether a compressor would gain nothing, as far as samples tell: bytes are about as frequent as
 * each other, and no sequences come again. Too few bytes to tell are not. */
int looks_random(const uint8_t *data, size_t length);

/* The most bytes that `deflate_base64` writes for so many bytes. */
size_t deflated_most(size_t length);

/* Writes the base64 text (RFC 4648 section 4) of the bytes, whose number 3 divides, as blocks of
 * deflate (RFC 1951) that refer to nothing outside of them, begin and end between two bytes, and
 * are not the last. Gives the number of bytes written. */
size_t deflate_base64(const uint8_t *data, size_t length, uint8_t *output);

#endif
