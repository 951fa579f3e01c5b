#!/bin/sh
# selftest: every rule can fail. For each, a small bad tree is made; the rule must refuse it and name
# the offender, and must accept the same tree once the fault is gone.
# Usage: selftest.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cases=0

# file PATH: a file of the tree, from stdin.
file() { mkdir -p "$tree/$(dirname "$1")" && cat >"$tree/$1"; }
start() { rm -rf "$tree"; mkdir -p "$tree/tests"; }
die() { echo "selftest: $*"; exit 1; }

# refuses RULE OFFENDER: it fails, and what it prints names the offender.
refuses() {
    said=$("$here/$1.sh" "$tree" 2>&1) && die "$1 accepts a tree with $2"
    case $said in *"$2"*) ;; *) die "$1 fails without naming $2: $said" ;; esac
    cases=$((cases + 1))
}
accepts() {
    "$here/$1.sh" "$tree" >/dev/null 2>&1 || die "$1 refuses a good tree ($2)"
    cases=$((cases + 1))
}
# bad RULE PATH <content>: refused with that file, accepted without it.
bad() { start; file "$2"; refuses "$1" "$2"; rm "$tree/$2"; accepts "$1" "without $2"; }

bad layers job/a.c <<'C'
#include "redis/link.h"
C
bad layers base/a.h <<'C'
#include "a.h"
C
bad layers consumer/a.c <<'C'
#include <hiredis/hiredis.h>
C
bad layers admin/cli/a.c <<'C'
static redisReply *reply;
C
bad layers redis/link.c <<'C'
static const char *name = "navvy:{q}:stage";
C
bad layers consumer/a.c <<'C'
long now(void) { return time(NULL); }
C
bad layers dlq/a.c <<'C'
int pick(void) { return rand(); }
C
bad layers handler/a.c <<'C'
void go(void) { pthread_create(0, 0, 0, 0); }
C
bad layers handler/a.c <<'C'
int go(void) { return thread_start(0, 0, 0); }
C
bad layers handler/a.c <<'C'
void go(void) { system("ls"); }
C
start; file dlq/a.c <<'C'
#include "config/config.h"
/* The formula takes
 * rand(0, 10). */
C
accepts layers 'a permitted include, and a word in a comment'

bad names base/util.h </dev/null
bad names pool/a.c <<'C'
void do_it(void);
C
bad names pool/a.c <<'C'
struct job_manager;
C
bad names pool/a.h <<'C'
typedef struct ring ring;
C
start; file handler/a.c <<'C'
/* Never do_it. */
static const char *name = "process_it"; /* handle_it */
void handler_run(void);
C
accepts names 'words in comments and strings'

{ yes 'int x;' | head -401; } | bad lengths base/a.c
{ yes 'int x;' | head -501; } | bad lengths tests/unit/test_a.c
{ printf 'int f(void)\n{\n'; yes '    ;' | head -69; printf '}\n'; } | bad lengths base/a.c
start; { printf 'int f(void)\n{\n'; yes '    ;' | head -68; printf '}\n'; } | file base/a.c
accepts lengths 'a function of 70 lines'

bad headers base/a.h <<'C'
#ifndef A_H
#define A_H
size_t a(void);
#endif
C
bad headers base/a.h <<'C'
struct a { int x; };
C

good_lua() {
    printf -- '-- good: x.\n-- KEYS 1 a\n-- ARGV none\n-- Returns 1.\n-- Replay: x.\n-- Out of memory: x.\n'
    echo 'return 1'
}
# bad_lua SED: the good script after that edit is refused.
bad_lua() {
    start
    good_lua | file redis/lua/good.lua
    accepts lua 'a whole head'
    good_lua | sed "s/good/bad/; $1" | file redis/lua/bad.lua
    refuses lua redis/lua/bad.lua
}
bad_lua '/KEYS/d'
bad_lua '/ARGV/d'
bad_lua '/Returns/d'
bad_lua '/Replay/d'
bad_lua '/Out of/d'
bad_lua '1i #!lua flags=no-writes'
bad_lua "s/return 1/return cjson.decode('{}')/"
bad_lua "s/return 1/return redis.call('GET', 'navvy:{q}:meta')/"
bad_lua "s/return 1/return redis.call('KEYS', KEYS[1])/"
bad_lua "s/return 1/return redis.call('HDEL', KEYS[1], unpack(ARGV))/"
bad_lua 's/return 1/return tostring(ARGV[1])/'

bad waits tests/unit/test_a.c <<'C'
void wait(void) { usleep(1000); }
C
start; echo 'void builtin_sleep(void) { run("sleep 60"); }' | file tests/unit/test_a.c
accepts waits 'sleep as a word'

start; echo '[here](b.md#part) [there](https://example.org/x)' | file docs/a.md
refuses docs b.md
: | file docs/b.md
accepts docs 'the page is there'
echo '| 5 | cut | adopted | `tests/fault/test_take.c: row_5` |' | file docs/failures.md
refuses docs tests/fault/test_take.c
echo 'static void row_5_adopts_it(void **state) {}' | file tests/fault/test_take.c
accepts docs 'the case is there'
echo 'static void row_6_recovers_it(void **state) {}' | file tests/fault/test_more.c
refuses docs 'tests/fault/test_more.c: row_6'
start; : | file redis/lua/move.lua
printf '    X(STAGE, "stage") /* list */ \\\n' | file redis/keys.h
printf '    X("claim", claim, CLAIM, true) \\\n' | file job/record_keys.h
echo '| [move](../redis/lua/move.lua) | `navvy:{Q}:stage` | `claim` |' >"$tree/whole"
for word in '[move]' '`navvy:{Q}:stage`' '`claim`'; do
    sed "s#$(echo "$word" | sed 's/[][]/\\&/g')##" "$tree/whole" | file docs/protocol.md
    refuses docs "$(echo "$word" | tr -d '`[]')"
done
file docs/protocol.md <"$tree/whole"
accepts docs 'the protocol has them all'
printf -- '-- move: a to b.\n-- KEYS 1 a\nlocal a\n' | file redis/lua/move.lua
refuses docs redis/lua/move.lua
{ cat "$tree/whole"; printf 'move: a to b.\nKEYS 1 a\n'; } | file docs/protocol.md
accepts docs 'the head stands in the page'

start; printf '## Messages\n\n| `took` | warn | `queue`, `id`, `err` | x |\n| `join` | info | `queue` | x |\n' | file docs/logs.md
printf 'LOG_JOB(job, LOG_WARN, "took",\n LOG_S("err", f("(")));\nLOG_OF(\n q, LOG_INFO, what /* msg: join */);\n' | file base/a.c
accepts logs 'the page has all messages'
for line in 'LOG(LOG_INFO, "new", LOG_I("n", 1));' 'LOG_OF(q, LOG_INFO, "join", LOG_I("n", 1));' \
    'LOG(LOG_INFO, what, LOG_I("n", 1));'; do
    echo "$line" | file base/b.c
    refuses logs "$(echo "$line" | grep -oE 'new|join|what')"
done
rm "$tree/base/b.c"
echo '| `gone` | info | `n` | x |' >>"$tree/docs/logs.md"
refuses logs gone

start; cp "$here/../../.clang-format" "$tree/"
printf 'int  a ( void ) ;\n' | file base/a.h
status=0; "$here/format.sh" "$tree" >/dev/null 2>&1 || status=$?
[ $status -ne 0 ] || die 'format accepts int  a ( void ) ;'
if [ $status -ne 77 ]; then
    printf 'int a(void);\n' | file base/a.h
    accepts format 'a formatted header'
fi

echo "$cases cases: each rule refuses what it should, and nothing else"
