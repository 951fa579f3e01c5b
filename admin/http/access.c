#include "admin/http/access.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HOST_MAX = 256 };

/* --- the Host --------------------------------------------------------------------------------- */

/* Without port and brackets. False: it is none. */
static bool bare_host(const char *host, char out[HOST_MAX])
{
    bool v6 = host[0] == '[';
    const char *start = host + v6;
    size_t len = strcspn(start, v6 ? "]" : ":");
    const char *port = start + len + (v6 && start[len] == ']');

    if (len == 0 || len >= HOST_MAX || (v6 && start[len] != ']') || (*port != 0 && *port != ':'))
        return false;
    if (*port == ':' && strspn(port + 1, "0123456789") != strlen(port + 1))
        return false;
    memcpy(out, start, len);
    out[len] = 0;
    return true;
}

static bool is_loopback_name(const char *name)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (strcasecmp(name, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, name, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, name, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool access_host_is_fine(const struct access_rules *rules, const char *host)
{
    char name[HOST_MAX];

    if (host == NULL || !bare_host(host, name))
        return false;
    if (is_loopback_name(name))
        return true;
    for (char *const *allowed = rules->hosts; allowed != NULL && *allowed != NULL; allowed++) {
        if (strcasecmp(*allowed, name) == 0)
            return true;
    }
    return false;
}

/* --- tokens ----------------------------------------------------------------------------------- */

static void digest_of(const char *text, unsigned char out[ACCESS_DIGEST_BYTES])
{
    (void)SHA256((const unsigned char *)text, strlen(text), out);
}

static bool is_that(const struct access_token *token,
                    const unsigned char digest[ACCESS_DIGEST_BYTES])
{
    return token->is_set && CRYPTO_memcmp(token->digest, digest, ACCESS_DIGEST_BYTES) == 0;
}

/* "Bearer TOKEN"; NULL: it says something else. */
static const char *bearer(const char *authorization)
{
    static const char scheme[] = "Bearer ";

    if (authorization == NULL || strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
        return NULL;
    const char *token = authorization + sizeof scheme - 1;
    return token + strspn(token, " ");
}

static struct access_verdict refused(int status, const char *error, const char *hint)
{
    return (struct access_verdict){.status = status, .error = error, .hint = hint};
}

static struct access_verdict identify(const struct access_rules *rules,
                                      const struct access_ask *ask)
{
    unsigned char digest[ACCESS_DIGEST_BYTES];
    const char *token = bearer(ask->authorization);

    if (!rules->operate.is_set && !rules->read.is_set) {
        if (!access_host_is_fine(rules, ask->host))
            return refused(403, "this Host is not served without a token",
                           "use localhost, or name the host in admin.allowed_hosts");
        return (struct access_verdict){.role = ACCESS_OPERATE, .who = "loopback"};
    }
    if (token == NULL)
        return refused(401, "a token is needed", "send it as Authorization: Bearer TOKEN");
    digest_of(token, digest);
    if (is_that(&rules->operate, digest))
        return (struct access_verdict){.role = ACCESS_OPERATE, .who = "token"};
    if (is_that(&rules->read, digest))
        return (struct access_verdict){.role = ACCESS_READ, .who = "read-token"};
    return refused(401, "this token is not known", "it is the one in admin.token or token_file");
}

/* --- a POST ----------------------------------------------------------------------------------- */

/* The type before its parameters. */
static bool is_type(const char *content_type, const char *type)
{
    size_t len = strlen(type);

    return content_type != NULL && strncasecmp(content_type, type, len) == 0 &&
           (content_type[len] == 0 || content_type[len] == ';' || content_type[len] == ' ');
}

static bool is_json(const char *content_type)
{
    return is_type(content_type, "application/json");
}

static bool is_lines(const char *content_type)
{
    return is_type(content_type, "application/x-ndjson") ||
           is_type(content_type, "application/ndjson");
}

static struct access_verdict check_change(const struct access_ask *ask)
{
    if (ask->body == API_BODY_JSON && !is_json(ask->content_type))
        return refused(415, "the body is no JSON", "send Content-Type: application/json");
    if (ask->body == API_BODY_LINES && !is_lines(ask->content_type))
        return refused(415, "the body is no NDJSON", "send Content-Type: application/x-ndjson");
    if (ask->marker == NULL || strcmp(ask->marker, "1") != 0)
        return refused(403, "the header X-Navvy is missing",
                       "send X-Navvy: 1, so that no page from elsewhere can make a browser do it");
    return (struct access_verdict){.status = 0};
}

struct access_verdict access_judge(const struct access_rules *rules, const struct access_ask *ask,
                                   enum access want)
{
    if (want == ACCESS_NONE)
        return (struct access_verdict){.role = ACCESS_NONE, .who = "anybody"};
    struct access_verdict verdict = identify(rules, ask);

    if (verdict.status != 0)
        return verdict;
    if (verdict.role < want)
        return refused(403, "this token may only look",
                       "changing something takes the operator's token");
    if (!ask->changes)
        return verdict;
    struct access_verdict change = check_change(ask);
    return change.status != 0 ? change : verdict;
}

/* --- where tokens are from -------------------------------------------------------------------- */

/* The first line of the file. False: said why. */
static bool read_first_line(const char *path, char out[ACCESS_TOKEN_MAX + 2], struct buf *errors)
{
    FILE *file = fopen(path, "re");
    bool read = file != NULL && fgets(out, ACCESS_TOKEN_MAX + 2, file) != NULL;

    if (!read)
        buf_printf(errors, "the token file %s cannot be read, or is empty\n", path);
    else
        out[strcspn(out, "\r\n")] = 0;
    if (file != NULL)
        (void)fclose(file);
    return read;
}

static bool set_token(struct access_token *token, const char *text, const char *name,
                      struct buf *errors)
{
    size_t len = strlen(text);

    if (len < ACCESS_TOKEN_MIN || len > ACCESS_TOKEN_MAX) {
        buf_printf(errors, "%s has %s; `openssl rand -hex 24` makes a good one\n", name,
                   len < ACCESS_TOKEN_MIN ? "less than 16 bytes" : "more than 255 bytes");
        return false;
    }
    for (const char *at = text; *at != 0; at++) {
        if (!isgraph((unsigned char)*at)) {
            buf_printf(errors, "%s has a byte that no header can carry\n", name);
            return false;
        }
    }
    token->is_set = true;
    digest_of(text, token->digest);
    return true;
}

static bool load_token(struct access_token *token, const char *text, const char *path,
                       const char *name, struct buf *errors)
{
    char line[ACCESS_TOKEN_MAX + 2] = "";

    if (text != NULL && path != NULL) {
        buf_printf(errors, "there is %s and %s_file; leave one of them out\n", name, name);
        return false;
    }
    if (text != NULL)
        return set_token(token, text, name, errors);
    if (path == NULL)
        return true;
    bool fine = read_first_line(path, line, errors) && set_token(token, line, name, errors);
    OPENSSL_cleanse(line, sizeof line);
    return fine;
}

bool access_load(const struct config *config, const struct listen_at *at,
                 struct access_rules *rules, struct buf *errors)
{
    struct access_rules new_ = {.hosts = config->admin_allowed_hosts};
    bool fine = load_token(&new_.operate, config->admin_token, config->admin_token_file,
                           "admin.token", errors);

    fine &= load_token(&new_.read, config->admin_read_token, config->admin_read_token_file,
                       "admin.read_token", errors);
    if (fine && at->kind == LISTEN_TCP && !at->is_local && !new_.operate.is_set &&
        !new_.read.is_set) {
        buf_printf(errors,
                   "admin.listen: %s can be reached from other hosts, and there is no token; set "
                   "admin.token_file or NAVVY_ADMIN_TOKEN, or listen on 127.0.0.1\n",
                   config->admin_listen);
        fine = false;
    }
    if (fine)
        *rules = new_;
    return fine;
}
