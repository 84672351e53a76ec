/* Rows as a database gives them to JSON Lines.
 *
 * The form of a row of PostgreSQL stands in its manual under COPY, "Binary Format"; that of a
 * value in the send function of its type. Rows of MariaDB come as its protocol has them in an
 * answer to a query ("Text Resultset Row"). What is written has the same bytes as cxport/formats/jsonl.py
 * writes of the same values. Whatever is rare and not certain to come out alike is UNSURE, and
 * left to Python; whatever the server would never send is MALFORMED, never guessed at.
 */

#include "transcode.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define TRY(call)                        \
    do {                                 \
        Outcome outcome_ = (call);       \
        if (outcome_ != DONE)            \
            return outcome_;             \
    } while (0)

/* --- Output ---------------------------------------------------------------------------------- */

static Outcome reserve(Output *output, size_t more)
{
    if (more <= output->capacity - output->length)
        return DONE;
    if (more > SIZE_MAX / 4 || output->length > SIZE_MAX / 4)
        return NO_MEMORY;
    size_t capacity = 2 * output->capacity;
    if (capacity < output->length + more)
        capacity = output->length + more;
    char *data = realloc(output->data, capacity);
    if (!data)
        return NO_MEMORY;
    output->data = data;
    output->capacity = capacity;
    return DONE;
}

static Outcome put(Output *output, const void *data, size_t length)
{
    TRY(reserve(output, length));
    if (length)
        memcpy(output->data + output->length, data, length);
    output->length += length;
    return DONE;
}

#define PUT(output, literal) put(output, literal, sizeof(literal) - 1)

/* --- Numbers of the wire: big-endian, two's complement --------------------------------------- */

static uint64_t unsigned_at(const uint8_t *data, size_t width)
{
    uint64_t value = 0;
    while (width--)
        value = value << 8 | *data++;
    return value;
}

static int64_t signed_at(const uint8_t *data, size_t width)
{
    uint64_t sign = UINT64_C(1) << (8 * width - 1);
    uint64_t value = unsigned_at(data, width);
    return (int64_t)((value ^ sign) - sign);
}

/* --- Text ------------------------------------------------------------------------------------ */

/* Whether a byte of ASCII stands for itself within a JSON string. */
static int is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Counts the plain bytes in front. */
static size_t plain(const uint8_t *data, size_t length)
{
    size_t at = 0;
#ifdef __SSE2__
    const __m128i blank = _mm_set1_epi8(0x20);
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    for (; length - at >= 16; at += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(data + at));
        /* signed, so that bytes of 0x80 and more are less as well */
        __m128i special = _mm_or_si128(
            _mm_cmplt_epi8(block, blank),
            _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)));
        int mask = _mm_movemask_epi8(special);
        if (mask)
            return at + (size_t)__builtin_ctz((unsigned)mask);
    }
#else
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    for (; length - at >= 8; at += 8) {
        uint64_t word, quote, backslash;
        memcpy(&word, data + at, 8);
        quote = word ^ (ones * '"');
        backslash = word ^ (ones * '\\');
        /* may see more than there is, but never less */
        if ((word | (word - ones * 0x20) | (quote - ones) | (backslash - ones)) & high)
            break;
    }
#endif
    while (at < length && is_plain(data[at]))
        at++;
    return at;
}

/* Gives the length of the UTF-8 sequence of several bytes in front (RFC 3629), 0 for none. */
static size_t sequence(const uint8_t *data, size_t length)
{
    static const struct { uint8_t first, last, low, high, size; } forms[] = {
        {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    for (size_t n = 0; n < sizeof forms / sizeof *forms; n++) {
        if (data[0] < forms[n].first || data[0] > forms[n].last)
            continue;
        if (length < forms[n].size || data[1] < forms[n].low || data[1] > forms[n].high)
            return 0;
        for (size_t at = 2; at < forms[n].size; at++)
            if (data[at] < 0x80 || data[at] > 0xBF)
                return 0;
        return forms[n].size;
    }
    return 0;
}

static Outcome put_escape(Output *output, uint8_t c)
{
    static const char digits[] = "0123456789abcdef";
    char text[] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
    switch (c) {
    case '"': return PUT(output, "\\\"");
    case '\\': return PUT(output, "\\\\");
    case '\b': return PUT(output, "\\b");
    case '\f': return PUT(output, "\\f");
    case '\n': return PUT(output, "\\n");
    case '\r': return PUT(output, "\\r");
    case '\t': return PUT(output, "\\t");
    default: return put(output, text, sizeof text);
    }
}

static Outcome put_text(Output *output, Octets value)
{
    size_t begun = 0, at = 0;
    TRY(reserve(output, value.length + 2));
    TRY(PUT(output, "\""));
    while ((at += plain(value.data + at, value.length - at)) < value.length) {
        uint8_t c = value.data[at];
        if (c >= 0x80) {
            size_t size = sequence(value.data + at, value.length - at);
            if (!size)
                return MALFORMED;
            at += size;
        } else if (c == 0) {
            return MALFORMED;
        } else {
            TRY(put(output, value.data + begun, at - begun));
            TRY(put_escape(output, c));
            begun = ++at;
        }
    }
    TRY(put(output, value.data + begun, at - begun));
    return PUT(output, "\"");
}

/* --- Numbers --------------------------------------------------------------------------------- */

static Outcome put_integer(Output *output, int64_t value)
{
    char text[20];
    size_t at = sizeof text;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        text[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        text[--at] = '-';
    return put(output, text + at, sizeof text - at);
}

static Outcome put_sized_integer(Output *output, Octets value)
{
    if (value.length != 2 && value.length != 4 && value.length != 8)
        return MALFORMED;
    return put_integer(output, signed_at(value.data, value.length));
}

/* Numerics come in digits to the base of 10,000 (numeric_send). */
static Outcome put_whole_numeric(Output *output, Octets value)
{
    enum { HEAD = 8, BASE = 10000, NEGATIVE = 0x4000, MOST_DIGITS = 4 };
    if (value.length < HEAD)
        return MALFORMED;
    size_t digits = unsigned_at(value.data, 2);
    int64_t weight = signed_at(value.data + 2, 2);
    uint64_t sign = unsigned_at(value.data + 4, 2);
    if (value.length != HEAD + 2 * digits)
        return MALFORMED;
    if ((sign != 0 && sign != NEGATIVE) || weight >= MOST_DIGITS)
        return UNSURE;
    int64_t whole = 0, place = weight;
    for (size_t n = 0; n < digits; n++, place--) {
        uint64_t digit = unsigned_at(value.data + HEAD + 2 * n, 2);
        if (digit >= BASE)
            return MALFORMED;
        if (place < 0 && digit)
            return UNSURE;
        if (place >= 0)
            whole = whole * BASE + (int64_t)digit;
    }
    for (; digits && place >= 0; place--)
        whole *= BASE;
    return put_integer(output, sign == NEGATIVE ? -whole : whole);
}

static Outcome put_boolean(Output *output, Octets value)
{
    if (value.length != 1 || value.data[0] > 1)
        return MALFORMED;
    return value.data[0] ? PUT(output, "true") : PUT(output, "false");
}

/* --- Times: counted from 2000-01-01; the ends of the range are infinities -------------------- */

#define DAY INT64_C(86400000) /* milliseconds */

static void put_digits(char *text, int64_t value, int width)
{
    while (width--) {
        text[width] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* Days to a date of the Gregorian calendar, by eras of 400 years that begin on 1 March. */
static Outcome put_moment(Output *output, int64_t days, int64_t milliseconds)
{
    enum { ERA = 146097, TO_2000 = 730425 };
    char text[] = "\"0000-00-00T00:00:00.000Z\"";
    const int64_t first = -730119, last = 2921939; /* 0001-01-01 and 9999-12-31 */
    if (days < first)
        return PUT(output, "\"0001-01-01T00:00:00.000Z\"");
    if (days > last)
        return PUT(output, "\"9999-12-31T23:59:59.999Z\"");
    int64_t of_all = days + TO_2000; /* since 0000-03-01, never negative */
    int64_t era = of_all / ERA, of_era = of_all % ERA;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    put_digits(text + 9, of_year - (153 * month + 2) / 5 + 1, 2);
    put_digits(text + 6, month < 10 ? month + 3 : month - 9, 2);
    put_digits(text + 1, year + era * 400 + (month >= 10), 4);
    put_digits(text + 12, milliseconds / 3600000, 2);
    put_digits(text + 15, milliseconds / 60000 % 60, 2);
    put_digits(text + 18, milliseconds / 1000 % 60, 2);
    put_digits(text + 21, milliseconds % 1000, 3);
    return put(output, text, sizeof text - 1);
}

static int64_t floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

static Outcome put_timestamp(Output *output, Octets value)
{
    if (value.length != 8)
        return MALFORMED;
    int64_t milliseconds = floor_divide(signed_at(value.data, 8), 1000);
    int64_t days = floor_divide(milliseconds, DAY);
    return put_moment(output, days, milliseconds - days * DAY);
}

static Outcome put_date(Output *output, Octets value)
{
    if (value.length != 4)
        return MALFORMED;
    return put_moment(output, signed_at(value.data, 4), 0);
}

/* --- Bytes ----------------------------------------------------------------------------------- */

static Outcome put_base64(Output *output, Octets value)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    TRY(reserve(output, value.length / 3 * 4 + 6));
    char *text = output->data + output->length;
    *text++ = '"';
    size_t at = 0;
    for (; value.length - at >= 3; at += 3) {
        uint64_t group = unsigned_at(value.data + at, 3);
        for (int shift = 18; shift >= 0; shift -= 6)
            *text++ = letters[group >> shift & 63];
    }
    size_t rest = value.length - at;
    if (rest) {
        uint64_t group = unsigned_at(value.data + at, rest) << (24 - 8 * rest);
        *text++ = letters[group >> 18 & 63];
        *text++ = letters[group >> 12 & 63];
        *text++ = rest == 2 ? letters[group >> 6 & 63] : '=';
        *text++ = '=';
    }
    *text++ = '"';
    output->length = (size_t)(text - output->data);
    return DONE;
}

/* --- JSON objects ---------------------------------------------------------------------------- */

/* A reader of JSON (RFC 8259) that takes only what every parser takes alike: nothing nested deep,
 * no number of many digits, no surrogate, no line break. */
typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} Json;

enum { DEEPEST = 64, LONGEST_NUMBER = 300 };

static int take(Json *json, uint8_t c)
{
    if (json->at == json->end || *json->at != c)
        return 0;
    json->at++;
    return 1;
}

static void skip_blanks(Json *json)
{
    while (json->at < json->end && (*json->at == ' ' || *json->at == '\t'))
        json->at++;
}

static int take_word(Json *json, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(json->end - json->at) < length || memcmp(json->at, word, length))
        return 0;
    json->at += length;
    return 1;
}

static int take_digits(Json *json)
{
    const uint8_t *begun = json->at;
    while (json->at < json->end && *json->at >= '0' && *json->at <= '9')
        json->at++;
    return json->at > begun && json->at - begun < LONGEST_NUMBER;
}

/* Numbers with an exponent may be out of some parser's range. */
static int take_number(Json *json)
{
    take(json, '-');
    if (!take(json, '0') && !take_digits(json))
        return 0;
    return !take(json, '.') || take_digits(json);
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int take_escape(Json *json)
{
    if (json->at == json->end)
        return 0;
    uint8_t c = *json->at++;
    if (c != 'u')
        return c && strchr("\"\\/bfnrt", c) != NULL;
    if (json->end - json->at < 4)
        return 0;
    int code = 0;
    for (int n = 0; n < 4; n++) {
        int digit = hex_value(*json->at++);
        if (digit < 0)
            return 0;
        code = code << 4 | digit;
    }
    return code < 0xD800 || code > 0xDFFF;
}

static int take_string(Json *json)
{
    if (!take(json, '"'))
        return 0;
    for (;;) {
        json->at += plain(json->at, (size_t)(json->end - json->at));
        if (json->at == json->end)
            return 0;
        uint8_t c = *json->at;
        if (c >= 0x80) {
            size_t size = sequence(json->at, (size_t)(json->end - json->at));
            if (!size)
                return 0;
            json->at += size;
            continue;
        }
        json->at++;
        if (c == '"')
            return 1;
        if (c != '\\' || !take_escape(json))
            return 0;
    }
}

static int take_value(Json *json, int depth);

static int take_members(Json *json, int depth, int named)
{
    uint8_t closing = named ? '}' : ']';
    json->at++;
    skip_blanks(json);
    if (take(json, closing))
        return 1;
    do {
        skip_blanks(json);
        if (named) {
            if (!take_string(json))
                return 0;
            skip_blanks(json);
            if (!take(json, ':'))
                return 0;
        }
        if (!take_value(json, depth + 1))
            return 0;
    } while (take(json, ','));
    return take(json, closing);
}

static int take_value(Json *json, int depth)
{
    int taken;
    skip_blanks(json);
    if (json->at == json->end || depth > DEEPEST)
        return 0;
    switch (*json->at) {
    case '{': taken = take_members(json, depth, 1); break;
    case '[': taken = take_members(json, depth, 0); break;
    case '"': taken = take_string(json); break;
    case 't': taken = take_word(json, "true"); break;
    case 'f': taken = take_word(json, "false"); break;
    case 'n': taken = take_word(json, "null"); break;
    default: taken = take_number(json);
    }
    skip_blanks(json);
    return taken;
}

/* An object stays as it is, what cannot be one becomes base64. */
static Outcome put_object(Output *output, Octets value)
{
    if (!value.length || !strchr("{ \t\r\n", value.data[0]) || !value.data[0])
        return put_base64(output, value);
    Json json = {value.data, value.data + value.length};
    if (value.data[0] != '{' || value.data[value.length - 1] != '}')
        return UNSURE;
    if (!take_value(&json, 0) || json.at != json.end)
        return UNSURE;
    return put(output, value.data, value.length);
}

/* jsonb_send puts the version of the form in front. */
static Outcome put_jsonb(Output *output, Octets value)
{
    if (!value.length || value.data[0] != 1)
        return MALFORMED;
    return put_object(output, (Octets){value.data + 1, value.length - 1});
}

/* --- Values as text -------------------------------------------------------------------------- */

static Outcome put_characters(Output *output, Octets value)
{
    Outcome outcome = put_text(output, value);
    return outcome == MALFORMED ? UNSURE : outcome;
}

/* Whether it is a number as it would be written, of no more digits than 64 bits hold. */
static int is_whole(Octets value)
{
    enum { MOST = 18 };
    size_t sign = value.length && value.data[0] == '-';
    size_t digits = value.length - sign;
    if (!digits || digits > MOST || (value.data[sign] == '0' && value.length > 1))
        return 0;
    for (size_t at = sign; at < value.length; at++)
        if (value.data[at] < '0' || value.data[at] > '9')
            return 0;
    return 1;
}

static Outcome put_digit_text(Output *output, Octets value)
{
    return is_whole(value) ? put(output, value.data, value.length) : UNSURE;
}

static Outcome put_quoted_digits(Output *output, Octets value)
{
    if (!is_whole(value))
        return UNSURE;
    TRY(PUT(output, "\""));
    TRY(put(output, value.data, value.length));
    return PUT(output, "\"");
}

static Outcome put_truth(Output *output, int truth)
{
    return truth ? PUT(output, "true") : PUT(output, "false");
}

static Outcome put_truth_digits(Output *output, Octets value)
{
    return is_whole(value) ? put_truth(output, value.data[0] != '0') : UNSURE;
}

/* Gives the number that so many digits are, -1 where something else is among them. */
static int digits_at(const uint8_t *text, int width)
{
    int value = 0;
    for (; width; width--, text++) {
        if (*text < '0' || *text > '9')
            return -1;
        value = value * 10 + (*text - '0');
    }
    return value;
}

static int is_date(const uint8_t *text)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = digits_at(text, 4), month = digits_at(text + 5, 2), day = digits_at(text + 8, 2);
    if (text[4] != '-' || text[7] != '-' || year < 1 || month < 1 || month > 12 || day < 1)
        return 0;
    int leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= days[month - 1] + leap;
}

static int is_clock(const uint8_t *text)
{
    int hour = digits_at(text, 2), minute = digits_at(text + 3, 2), second = digits_at(text + 6, 2);
    return text[2] == ':' && text[5] == ':' && hour >= 0 && hour < 24 && minute >= 0 &&
           minute < 60 && second >= 0 && second < 60;
}

/* Of a fraction of a second, three digits or six, what is below a millisecond is cut. */
static Outcome put_time_text(Output *output, Octets value)
{
    enum { DATE_ONLY = 10, SECONDS = 19, MILLISECONDS = 23, MICROSECONDS = 26 };
    char text[] = "\"0000-00-00T00:00:00.000Z\"";
    size_t length = value.length, fraction = length > SECONDS ? length - SECONDS - 1 : 0;
    const uint8_t *data = value.data;
    if ((length != DATE_ONLY && length != SECONDS && length != MILLISECONDS &&
         length != MICROSECONDS) || !is_date(data))
        return UNSURE;
    memcpy(text + 1, data, DATE_ONLY);
    if (length == DATE_ONLY)
        return put(output, text, sizeof text - 1);
    if ((data[DATE_ONLY] != ' ' && data[DATE_ONLY] != 'T') || !is_clock(data + DATE_ONLY + 1))
        return UNSURE;
    memcpy(text + DATE_ONLY + 2, data + DATE_ONLY + 1, SECONDS - DATE_ONLY - 1);
    if (fraction) {
        if (data[SECONDS] != '.' || digits_at(data + SECONDS + 1, (int)fraction) < 0)
            return UNSURE;
        memcpy(text + SECONDS + 2, data + SECONDS + 1, 3);
    }
    return put(output, text, sizeof text - 1);
}

/* --- Rows ------------------------------------------------------------------------------------ */

static Outcome put_value(Output *output, Kind kind, Octets value)
{
    switch (kind) {
    case TEXT: return put_text(output, value);
    case INTEGER: return put_sized_integer(output, value);
    case WHOLE_NUMERIC: return put_whole_numeric(output, value);
    case BOOLEAN: return put_boolean(output, value);
    case TIMESTAMP: return put_timestamp(output, value);
    case DATE: return put_date(output, value);
    case OBJECT: return put_object(output, value);
    case JSONB: return put_jsonb(output, value);
    case BYTES: return put_base64(output, value);
    case CHARACTERS: return put_characters(output, value);
    case WHOLE_DIGITS: return put_digit_text(output, value);
    case QUOTED_DIGITS: return put_quoted_digits(output, value);
    case TRUTH_DIGITS: return put_truth_digits(output, value);
    case TIME_TEXT: return put_time_text(output, value);
    default: return MALFORMED;
    }
}

Outcome write_value(Output *output, const Column *column, const Octets *value)
{
    TRY(put(output, column->key, column->key_length));
    return value ? put_value(output, column->kind, *value) : PUT(output, "null");
}

/* Writes a number that came as one, in place of digits. */
Outcome write_number(Output *output, const Column *column, int64_t value)
{
    TRY(put(output, column->key, column->key_length));
    switch (column->kind) {
    case WHOLE_DIGITS: return put_integer(output, value);
    case TRUTH_DIGITS: return put_truth(output, value != 0);
    case CHARACTERS:
        TRY(PUT(output, "\""));
        TRY(put_integer(output, value));
        return PUT(output, "\"");
    default: return UNSURE;
    }
}

Outcome write_end(Output *output)
{
    return PUT(output, "}\n");
}

static Octets behind(Octets all, size_t length)
{
    return (Octets){all.data + length, all.length - length};
}

/* Takes the next value of a row; `*null` tells that it is null. */
static Outcome next_copied(Octets *rest, Octets *value, int *null)
{
    if (rest->length < 4)
        return MALFORMED;
    int64_t length = signed_at(rest->data, 4);
    *rest = behind(*rest, 4);
    *null = length == -1;
    if (*null)
        return DONE;
    if (length < 0 || (uint64_t)length > rest->length)
        return MALFORMED;
    *value = (Octets){rest->data, (size_t)length};
    *rest = behind(*rest, value->length);
    return DONE;
}

/* The same of a string behind its length, which is coded in 1 to 9 bytes. */
static Outcome next_packed(Octets *rest, Octets *value, int *null)
{
    enum { NONE = 0xFB, TWO = 0xFC, THREE = 0xFD, EIGHT = 0xFE, NOTHING_AT_ALL = 0xFF };
    if (!rest->length || rest->data[0] == NOTHING_AT_ALL)
        return MALFORMED;
    uint8_t first = rest->data[0];
    size_t width = first < TWO ? 0 : first == TWO ? 2 : first == THREE ? 3 : 8;
    uint64_t length = first;
    *rest = behind(*rest, 1);
    *null = first == NONE;
    if (*null)
        return DONE;
    if (width > rest->length)
        return MALFORMED;
    if (width)
        length = 0;
    for (size_t n = width; n; n--)
        length = length << 8 | rest->data[n - 1];
    *rest = behind(*rest, width);
    if (length > rest->length)
        return MALFORMED;
    *value = (Octets){rest->data, (size_t)length};
    *rest = behind(*rest, value->length);
    return DONE;
}

/* Takes what stands before the values of a row, whose end is then known where it is packed. */
static Outcome begin_row(Form form, size_t count, Octets *rest, Octets *later)
{
    size_t width = form == COPIED ? 2 : 4;
    *later = (Octets){NULL, 0};
    if (rest->length < width)
        return MALFORMED;
    uint64_t told = unsigned_at(rest->data, width);
    *rest = behind(*rest, width);
    if (form == COPIED)
        return told == count ? DONE : MALFORMED;
    if (told > rest->length)
        return MALFORMED;
    *later = behind(*rest, (size_t)told);
    rest->length = (size_t)told;
    return DONE;
}

/* Writes a row and moves `rest` behind it, also where it is UNSURE: its length is known then. */
static Outcome put_row(Form form, Output *output, const Column *columns, size_t count,
                       Octets *rest)
{
    int sure = 1;
    Octets later;
    TRY(begin_row(form, count, rest, &later));
    for (size_t n = 0; n < count; n++) {
        Octets value = {NULL, 0};
        int null;
        TRY(form == COPIED ? next_copied(rest, &value, &null) : next_packed(rest, &value, &null));
        if (!sure)
            continue;
        Outcome outcome = write_value(output, &columns[n], null ? NULL : &value);
        if (outcome != DONE && outcome != UNSURE)
            return outcome;
        sure = outcome == DONE;
    }
    if (form == PACKED) {
        if (rest->length)
            return MALFORMED;
        *rest = later;
    }
    return sure ? write_end(output) : UNSURE;
}

Outcome transcode(Form form, const Column *columns, size_t count, const uint8_t *data,
                  size_t length, size_t *at, size_t *end, size_t *rows, Output *output)
{
    while (*at < length) {
        Octets rest = {data + *at, length - *at};
        size_t written = output->length;
        Outcome outcome = put_row(form, output, columns, count, &rest);
        *end = length - rest.length;
        if (outcome != DONE) {
            output->length = written;
            return outcome;
        }
        *at = *end;
        ++*rows;
    }
    return DONE;
}
