/* Throws bytes at `looks_random` and `deflate_base64`: `fuzz_base64 SECONDS SEED`, to be built as
 * fuzz.c is. Data and output lie in blocks of exactly their size, so that a byte beside them is
 * seen; that the output is what it should be, the tests of Python show. */

#include "base64.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_BYTES = 40000 };

static uint64_t state;

static uint32_t next(uint32_t below)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33) % below;
}

/* Bytes of a kind: any, few different ones, those that base64 writes as `z`, and again and again. */
static void fill(uint8_t *data, size_t length)
{
    static const uint8_t z[] = {0xCF, 0x3C, 0xF3};
    uint32_t kind = next(4), period = 1 + next(5000);
    for (size_t n = 0; n < length; n++) {
        data[n] = (uint8_t)next(kind == 1 ? 1 + period % 256 : 256);
        if (kind == 2)
            data[n] = z[n % 3];
        if (kind == 3 && n >= period)
            data[n] = data[n - period];
    }
}

static void round_of_bytes(void)
{
    static const uint8_t end[] = {0, 0, 0xFF, 0xFF};
    size_t length = next(4) ? next(300) : next(MOST_BYTES);
    length -= length % 3;
    size_t most = deflated_most(length);
    uint8_t *data = malloc(length ? length : 1), *output = malloc(most);
    fill(data, length);
    size_t written = deflate_base64(data, length, output);
    if (written > most || memcmp(output + written - sizeof end, end, sizeof end))
        abort();
    if (looks_random(data, length) && written > length / 3 * 4)
        abort();
    free(output);
    free(data);
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    time_t until = time(NULL) + atol(arguments[1]);
    state = strtoull(arguments[2], NULL, 10);
    unsigned long rounds = 0;
    do {
        for (int n = 0; n < 100; n++, rounds++)
            round_of_bytes();
    } while (time(NULL) < until);
    printf("%lu rounds\n", rounds);
    return 0;
}
