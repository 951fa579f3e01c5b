/*
 * bench_ceiling: the most that Redis can do. Drains a queue with the very commands that navvy
 * sends: takes of 512 by script, a SET for each fingerprint, settles of 512 by script.
 *
 * Which commands there will be is known before: N elements, all of one size, tags of our own
 * choice. So nothing waits for an answer. One stream goes out as fast as the socket takes it, and
 * each answer is held against what must come at its place: so many elements, nil, so many settled.
 * The writer and the reader are two cursors on the same way. AHEAD takes are held when the first is
 * settled, as in navvy; there is no handler, no SHA-256, no header, no job.
 *
 * Redis does nothing else, not even wake us. With fingerprints we look again after a millisecond: a
 * socket full of claims is 4 ms of its work, so it never runs dry. Without them the answers are
 * what fills a socket, so we look again at once, which takes the other core.
 *
 * Usage: bench_ceiling URL QUEUE TTL_MS (0: without fingerprints). Prints jobs/s.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "redis/client.h"
#include "redis/keys.h"

enum {
    TAKE_JOBS_MAX = 512,           /* as PLAN_TAKE_MAX */
    TAKE_BYTES_MAX = 4 << 20,      /* as TAKE_ANSWER_BYTES_MAX: larger elements, fewer of them */
    AHEAD = 4,                     /* takes held at a time */
    CALL_WAIT_MS = 60000,          /* for a command before or after the drain */
    PAUSE_MS = 1,                  /* before looking again, with fingerprints */
    OUT_BYTES = 256 * 1024,        /* formatted at a time */
    IN_BYTES = 2 * TAKE_BYTES_MAX, /* no element is longer */
    TAG_DIGITS = 8,                /* all tags have so many: */
    FIRST_TAG = 10000001,          /* up to 89 million */
    SET_BYTES_MAX = KEY_MAX + 256, /* one SET */
    SETTLE_BYTES_MAX = 16 * 1024,  /* one settle or take */
};

#define WORKER "ceiling-4711-00000000000000aa" /* as long as a worker's name */

/* --- the way: which command comes after which ----------------------------------------------- */

static uint64_t jobs, take_jobs, rounds;
static bool with_fingerprints;

/* In round r: take r; then claim and settle what was taken in round r - AHEAD. */
struct cursor {
    uint64_t round;
    enum { TAKE, CLAIM, SETTLE, STEP_COUNT } step;
    uint64_t item; /* CLAIM: which one of its take */
};

static uint64_t taken_in(uint64_t round)
{
    uint64_t before = round * take_jobs;
    return jobs - before < take_jobs ? jobs - before : take_jobs;
}

static uint64_t first_tag_of(uint64_t round)
{
    return FIRST_TAG + round * take_jobs;
}

static bool over(const struct cursor *at)
{
    return at->round == rounds + AHEAD;
}

static bool is_there(const struct cursor *at)
{
    if (at->step == TAKE)
        return at->round < rounds;
    return at->round >= AHEAD && (at->step == SETTLE || with_fingerprints);
}

static void go_on(struct cursor *at)
{
    if (at->step == CLAIM && ++at->item < taken_in(at->round - AHEAD))
        return;
    at->item = 0;
    do {
        at->round += at->step == SETTLE;
        at->step = (at->step + 1) % STEP_COUNT;
    } while (!over(at) && !is_there(at));
}

/* --- what goes out -------------------------------------------------------------------------- */

static struct queue_keys keys;
static char held[KEY_MAX];
static char set_text[SET_BYTES_MAX]; /* a SET with holes at these places: */
static size_t set_len, set_hex_at, set_tag_at;
static char out[OUT_BYTES];
static size_t out_len, out_sent;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench_ceiling: %s: %s\n", what, why);
    exit(1);
}

static void put(const char *bytes, size_t len)
{
    memcpy(out + out_len, bytes, len);
    out_len += len;
}

static void put_word(const char *text)
{
    size_t len = strlen(text);
    out_len += (size_t)sprintf(out + out_len, "$%zu\r\n", len);
    put(text, len);
    put("\r\n", 2);
}

static void put_number(uint64_t number)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    put_word(digits);
}

static void tag_digits(uint64_t tag, char *digits)
{
    for (size_t i = TAG_DIGITS; i-- > 0; tag /= 10)
        digits[i] = (char)('0' + tag % 10);
}

static void put_take(uint64_t round)
{
    static const enum queue_key before[] = {KEY_QUEUE, KEY_STAGE, KEY_READY};
    static const enum queue_key after[] = {KEY_WORKERS, KEY_RETRY, KEY_SCHEDULED, KEY_DLQ,
                                           KEY_META};
    out_len += (size_t)sprintf(out + out_len, "*20\r\n");
    put_word("EVALSHA");
    put_word(script_table[SCRIPT_TAKE].sha1);
    put_word("9");
    for (size_t i = 0; i < 3; i++)
        put_word(keys.name[before[i]]);
    put_word(held);
    for (size_t i = 0; i < 5; i++)
        put_word(keys.name[after[i]]);
    put_word(WORKER);
    put_number(first_tag_of(round));
    put_number(taken_in(round));
    put_word("1048576");
    put_word("100000");
    put_number(TAKE_BYTES_MAX);
    put_word("");
    put_word("");
}

/* As long and as scattered as a SHA-256; any 64 digits will do. */
static void random_hex(char *hex)
{
    static const char digits[] = "0123456789abcdef";
    static uint64_t state = 88172645463325252u; /* xorshift64, Marsaglia 2003 */

    for (size_t i = 0; i < KEY_FINGERPRINT_HEX; i += 16) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        for (size_t j = 0; j < 16; j++)
            hex[i + j] = digits[state >> (4 * j) & 15];
    }
}

static void put_claim(uint64_t tag)
{
    char *set = out + out_len;
    put(set_text, set_len);
    random_hex(set + set_hex_at);
    tag_digits(tag, set + set_tag_at);
}

static void put_settle(uint64_t round)
{
    char word[] = "$8\r\n12345678\r\n";

    out_len +=
        (size_t)sprintf(out + out_len, "*%llu\r\n", (unsigned long long)(6 + taken_in(round)));
    put_word("EVALSHA");
    put_word(script_table[SCRIPT_SETTLE].sha1);
    put_word("2");
    put_word(held);
    put_word(keys.name[KEY_META]);
    put_word("done");
    for (uint64_t i = 0; i < taken_in(round); i++) {
        tag_digits(first_tag_of(round) + i, word + 4);
        put(word, sizeof word - 1);
    }
}

/* A SET as put_claim() wants it, made once. */
static void make_set(const char *ttl)
{
    char hex[KEY_FINGERPRINT_HEX + 1], key[KEY_MAX];

    memset(hex, 'f', KEY_FINGERPRINT_HEX);
    hex[KEY_FINGERPRINT_HEX] = '\0';
    (void)queue_key_fingerprint(&keys, hex, key);
    out_len += (size_t)sprintf(out, "*7\r\n");
    put_word("SET");
    put_word(key);
    set_hex_at = out_len - 2 - KEY_FINGERPRINT_HEX;
    put_word(WORKER ":12345678");
    set_tag_at = out_len - 2 - TAG_DIGITS;
    put_word("NX");
    put_word("GET");
    put_word("PX");
    put_word(ttl);
    CHECK(out_len <= sizeof set_text);
    memcpy(set_text, out, out_len);
    set_len = out_len;
    out_len = 0;
}

static void put_commands(struct cursor *at)
{
    out_len = out_sent = 0;
    while (!over(at) && out_len + SETTLE_BYTES_MAX < OUT_BYTES) {
        if (at->step == TAKE)
            put_take(at->round);
        else if (at->step == CLAIM)
            put_claim(first_tag_of(at->round - AHEAD) + at->item);
        else
            put_settle(at->round - AHEAD);
        go_on(at);
    }
}

/* --- what comes in -------------------------------------------------------------------------- */

static char in[IN_BYTES];
static size_t in_len, in_read;
static uint64_t elements; /* of the take whose answer is being read: to come */

/* The next line, without its end; NULL: it is not all there. */
static const char *next_line(void)
{
    char *line = in + in_read, *end = memchr(line, '\n', in_len - in_read);

    if (end == NULL)
        return NULL;
    end[-1] = '\0';
    in_read = (size_t)(end + 1 - in);
    return line;
}

/* False: it is not all there. */
static bool expect(const char *line)
{
    const char *came = next_line();

    if (came != NULL && strcmp(came, line) != 0)
        die(line, came);
    return came != NULL;
}

static bool expect_number(char kind, uint64_t number)
{
    char line[32];

    (void)snprintf(line, sizeof line, "%c%llu", kind, (unsigned long long)number);
    return expect(line);
}

static bool answered_claim(void)
{
    static const char nil[] = {'$', '-', '1', '\r', '\n'};

    if (in_len - in_read < sizeof nil || memcmp(in + in_read, nil, sizeof nil) != 0)
        return expect("$-1");
    in_read += sizeof nil;
    return true;
}

static bool read_element(void)
{
    size_t from = in_read;
    const char *line = next_line();

    if (line == NULL)
        return false;
    size_t len = strtoul(line + 1, NULL, 10) + 2;
    if (line[0] != '$' || len > IN_BYTES / 2)
        die("not an element", line);
    if (in_len - in_read < len) {
        in[from + strlen(line)] = '\r'; /* the line is read again */
        in_read = from;
        return false;
    }
    in_read += len;
    return true;
}

/* True if so many lines are there, or the first of them is an error. */
static bool lines_are_there(size_t lines)
{
    size_t ends = 0;

    for (size_t i = in_read; i < in_len && ends < lines; i++)
        ends += in[i] == '\n';
    return ends == lines || (ends > 0 && in[in_read] == '-');
}

/* {ok, ms to the next due job, waiting, element...} */
static bool answered_take(uint64_t count)
{
    if (elements == 0) {
        if (!lines_are_there(5))
            return false;
        if (!expect_number('*', count + 3) || !expect("$2") || !expect("ok") ||
            next_line() == NULL || next_line() == NULL)
            die("a take", "half an answer");
        elements = count;
    }
    while (elements > 0 && read_element())
        elements--;
    return elements == 0;
}

static bool answered(const struct cursor *at)
{
    if (at->step == TAKE)
        return answered_take(taken_in(at->round));
    if (at->step == CLAIM)
        return answered_claim();
    return expect_number(':', taken_in(at->round - AHEAD));
}

static void read_answers(struct cursor *at)
{
    while (!over(at) && answered(at))
        go_on(at);
    memmove(in, in + in_read, in_len - in_read);
    in_len -= in_read;
    in_read = 0;
}

/* --- the drain ------------------------------------------------------------------------------ */

/* Sends or receives what goes; true if anything did. */
static bool moved(ssize_t bytes, size_t *len, const char *what)
{
    if (bytes < 0 && errno != EAGAIN)
        die(what, strerror(errno));
    if (bytes == 0)
        die(what, "the connection was closed");
    if (bytes > 0)
        *len += (size_t)bytes;
    return bytes > 0;
}

static void drain(int fd)
{
    struct cursor sent = {0}, back = {0};

    while (!over(&back)) {
        bool any = false;
        if (out_sent == out_len)
            put_commands(&sent);
        if (out_sent < out_len)
            any |= moved(write(fd, out + out_sent, out_len - out_sent), &out_sent, "write");
        while (moved(read(fd, in + in_len, IN_BYTES - in_len), &in_len, "read")) {
            read_answers(&back);
            any = true;
            if (over(&back))
                return;
        }
        if (!any && with_fingerprints)
            (void)poll(NULL, 0, PAUSE_MS);
    }
}

/* --- before and after ----------------------------------------------------------------------- */

static struct client *client;

static struct reply *must(struct reply *reply)
{
    if (reply == NULL || reply_kind(reply) == REPLY_ERROR)
        die("redis", reply == NULL ? client_error(client) : reply_error_text(reply).ptr);
    return reply;
}

static uint64_t number(const char *command, const char *key)
{
    struct reply *reply = must(client_callf(client, command, key));
    int64_t value =
        reply_kind(reply) == REPLY_INT ? reply_int(reply) : (int64_t)reply_text(reply).len;
    client_reply_free(reply);
    return (uint64_t)value;
}

static void join(void)
{
    struct slice words[] = {
        slice_of(keys.name[KEY_WORKERS]),
        slice_of(held),
        slice_of(keys.name[KEY_META]),
        slice_of(keys.name[KEY_DEAD]),
        slice_of(WORKER),
        slice_of("3600000"),
        slice_of("keys"),
    };
    client_reply_free(must(client_script(client, SCRIPT_JOIN, 4, 7, words)));
    client_reply_free(must(client_callf(client, "SCRIPT LOAD %s", script_table[SCRIPT_TAKE].text)));
    client_reply_free(
        must(client_callf(client, "SCRIPT LOAD %s", script_table[SCRIPT_SETTLE].text)));
}

static int connected(int family, const struct sockaddr *to, socklen_t len, const char *name)
{
    int fd = socket(family, SOCK_STREAM, 0);

    if (fd < 0 || connect(fd, to, len) != 0)
        die(name, strerror(errno));
    CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    return fd;
}

/* A plain socket beside the client; no password. */
static int open_socket(const struct endpoint *endpoint)
{
    struct sockaddr_un path = {.sun_family = AF_UNIX};
    struct addrinfo *host = NULL, want = {.ai_socktype = SOCK_STREAM};
    char port[16];

    if (endpoint->host[0] == '\0') {
        memcpy(path.sun_path, endpoint->path, sizeof path.sun_path - 1);
        return connected(AF_UNIX, (struct sockaddr *)&path, sizeof path, endpoint->path);
    }
    (void)snprintf(port, sizeof port, "%d", endpoint->port);
    if (getaddrinfo(endpoint->host, port, &want, &host) != 0)
        die(endpoint->host, "no such host");
    int fd = connected(host->ai_family, host->ai_addr, host->ai_addrlen, endpoint->host);
    freeaddrinfo(host);
    return fd;
}

int main(int argc, char **argv)
{
    struct endpoint endpoint;
    char error[ENDPOINT_ERROR_MAX];

    if (argc != 4 || !endpoint_parse(argv[1], &endpoint, error)) {
        fprintf(stderr, "usage: bench_ceiling URL QUEUE TTL_MS\n");
        return 2;
    }
    client = client_open(&endpoint, "ceiling", CALL_WAIT_MS, error);
    if (client == NULL)
        die("redis", error);
    queue_keys_init(&keys, slice_of(argv[2]));
    (void)queue_key_held(&keys, WORKER, held);
    with_fingerprints = strcmp(argv[3], "0") != 0;
    make_set(argv[3]);
    join();
    jobs = number("LLEN %s", keys.name[KEY_QUEUE]);
    if (jobs == 0)
        die(argv[2], "nothing waits there");
    uint64_t bytes = number("LINDEX %s -1", keys.name[KEY_QUEUE]);
    take_jobs = bytes * TAKE_JOBS_MAX <= TAKE_BYTES_MAX ? TAKE_JOBS_MAX : TAKE_BYTES_MAX / bytes;
    rounds = (jobs + take_jobs - 1) / take_jobs;

    int fd = open_socket(&endpoint);
    int64_t began_ns = clock_mono_ns();
    drain(fd);
    double s = (double)(clock_mono_ns() - began_ns) / 1e9;
    if (number("LLEN %s", keys.name[KEY_QUEUE]) != 0 || number("HLEN %s", held) != 0)
        die("the end", "jobs are left");
    printf("%.0f\n", (double)jobs / s);
    close(fd);
    client_close(client);
    return 0;
}
