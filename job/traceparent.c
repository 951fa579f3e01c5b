#include "job/traceparent.h"

#include <string.h>

/* --- text ---------------------------------------------------------------------------------- */

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; /* upper case is not allowed */
}

static bool read_hex(const char *at, size_t digits, uint64_t *out)
{
    uint64_t number = 0;

    for (size_t i = 0; i < digits; i++) {
        int digit = digit_of(at[i]);
        if (digit < 0)
            return false;
        number = number << 4 | (uint64_t)digit;
    }
    *out = number;
    return true;
}

static bool has_dashes(const char *at)
{
    return at[2] == '-' && at[35] == '-' && at[52] == '-';
}

bool traceparent_parse(struct slice text, struct trace_context *out)
{
    enum { VERSION_NEVER = 0xff, FLAG_SAMPLED = 1 };
    uint64_t version, high, low, span, flags;
    const char *at = text.ptr;

    if (text.len < TRACEPARENT_LEN || !has_dashes(at) || !read_hex(at, 2, &version) ||
        !read_hex(at + 3, 16, &high) || !read_hex(at + 19, 16, &low) ||
        !read_hex(at + 36, 16, &span) || !read_hex(at + 53, 2, &flags))
        return false;
    if (version == VERSION_NEVER || (high | low) == 0 || span == 0)
        return false;
    if (text.len > TRACEPARENT_LEN && (version == 0 || at[TRACEPARENT_LEN] != '-'))
        return false;
    *out = (struct trace_context){high, low, span, (flags & FLAG_SAMPLED) != 0};
    return true;
}

/* By hand: it is done once per job. */
static char *put_hex(char *out, uint64_t number)
{
    for (int shift = 60; shift >= 0; shift -= 4)
        *out++ = "0123456789abcdef"[number >> shift & 15];
    return out;
}

const char *traceparent_format(const struct trace_context *context, char out[TRACEPARENT_LEN + 1])
{
    char *at = out;

    at = stpcpy(at, "00-");
    at = put_hex(at, context->trace_high);
    at = put_hex(at, context->trace_low);
    *at++ = '-';
    at = put_hex(at, context->span);
    (void)stpcpy(at, context->sampled ? "-01" : "-00");
    return out;
}

bool tracestate_fits(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((text.ptr[i] < ' ' && text.ptr[i] != '\t') || text.ptr[i] > '~')
            return false;
    }
    return text.len > 0 && text.len <= TRACESTATE_MAX;
}

/* --- ids ----------------------------------------------------------------------------------- */

/* The finalizer of splitmix64 (Steele et al., 2014): one to one, and every bit counts. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* Eight bytes at a time: it is done for each job where traces are on. */
static uint64_t hash(struct slice text, uint64_t seed)
{
    uint64_t sum = seed + text.len, block;
    size_t at = 0;

    for (; at + sizeof block <= text.len; at += sizeof block) {
        memcpy(&block, text.ptr + at, sizeof block);
        sum = (sum ^ block) * 0x9ddfea08eb382d69u;
        sum ^= sum >> 32;
    }
    block = 0;
    memcpy(&block, text.ptr + at, text.len - at);
    return mix(sum ^ block);
}

uint64_t trace_low_of_claim(struct slice claim)
{
    return hash(claim, 0xc2b2ae3d27d4eb4fu) | 1; /* never 0 */
}

void trace_of_claim(struct slice claim, struct trace_context *out)
{
    out->trace_high = hash(claim, 0x9e3779b97f4a7c15u);
    out->trace_low = trace_low_of_claim(claim);
}

uint64_t trace_span_id(uint64_t seed, uint64_t number)
{
    uint64_t id = mix(seed + number * 0x9e3779b97f4a7c15u);
    return id != 0 ? id : 1;
}

bool trace_is_sampled(uint64_t trace_low, double ratio)
{
    if (ratio >= 1)
        return true;
    return (double)(trace_low >> 1) < ratio * 0x1p63;
}
