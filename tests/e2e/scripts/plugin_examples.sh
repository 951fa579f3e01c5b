#!/bin/bash
# plugin_examples: the plugins of examples/ and of docs/handlers.md are built as anybody builds theirs,
# with what navvy installs and nothing else, and run. And the header is C99 and C++.
# Usage: plugin_examples.sh CMAKE BUILD_DIR PREFIX TREE
set -euo pipefail
cmake=$1 build=$(realpath "$2") prefix=$3 tree=$(realpath "$4")
folder=$(mktemp -d /tmp/navvy-plugins.XXXXXX)
pids=()
finish() {
    [ "${#pids[@]}" -eq 0 ] || kill -9 "${pids[@]}" 2>/dev/null || true
    wait 2>/dev/null
    rm -rf "$folder"
}
trap finish EXIT
fail() { echo "plugin_examples: $*"; cat "$folder"/*.log; exit 1; }

# --- as installed ---------------------------------------------------------------------------------
DESTDIR=$folder/root "$cmake" --install "$build" >"$folder/install.log" || fail 'cmake --install failed'
root=$folder/root$prefix
export PKG_CONFIG_PATH=$root/share/pkgconfig
flags=$(pkg-config --cflags navvy)
unset CFLAGS CXXFLAGS LDFLAGS CMAKE_GENERATOR

# --- the header -----------------------------------------------------------------------------------
strict='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wundef -Werror -fsyntax-only'
printf '#include <tgmath.h>\n#include <navvy/handler.h>\n' >"$folder/one.c"
for compiler in gcc clang; do
    command -v "$compiler" >/dev/null || continue
    for standard in c99 c11 c17; do
        "$compiler" -std=$standard $strict -Wstrict-prototypes $flags "$folder/one.c" || fail "$compiler $standard"
    done
done
cat >"$folder/two.cc" <<'CC'
#include <navvy/handler.h>
static navvy_outcome handle(void *, const navvy_job *job, navvy_run *run) noexcept
{
    navvy_log(job, NAVVY_INFO, "here");
    return navvy_should_stop(run) != NAVVY_STOP_NONE ? NAVVY_STOPPED : NAVVY_DONE;
}
const struct navvy_plugin navvy_plugin = {
    NAVVY_ABI, sizeof(struct navvy_plugin), "two", nullptr, nullptr, handle, nullptr, nullptr};
CC
for compiler in g++ clang++; do
    command -v "$compiler" >/dev/null || continue
    for standard in c++11 c++17; do
        "$compiler" -std=$standard $strict $flags "$folder/two.cc" || fail "$compiler $standard"
    done
done

# --- the document: its file, and its commands as they are written ----------------------------------
mkdir "$folder/page"
section() { awk '/^### A plugin from nothing/ { here = 1; next } /^##/ { here = 0 } here' "$tree/docs/handlers.md"; }
block() { section | awk -v n="$1" '/^```[a-z]/ { block++; inside = block == n; next } /^```/ { inside = 0 } inside'; }
cp -r "$tree/examples" "$folder/page/examples"
block 1 >"$folder/page/shout.c"
grep -q navvy_plugin "$folder/page/shout.c" || fail 'docs/handlers.md has no plugin'
{ echo 'set -e'; block 2; block 3; } >"$folder/page/commands"
(cd "$folder/page" && PATH=$root/bin:$PATH sh ./commands) >"$folder/page.log" 2>&1 || fail 'docs/handlers.md'
grep -q HELLO "$folder/page.log" || fail 'nobody shouted'
grep -q '"words"' "$folder/page.log" || fail 'nobody counted'

# --- the examples ---------------------------------------------------------------------------------
cp -r "$tree/examples/plugins" "$folder/plugins"
cd "$folder/plugins"
for plugin in wordcount audit; do
    { "$cmake" -S $plugin -B $plugin/build && "$cmake" --build $plugin/build; } >"$folder/$plugin.log" 2>&1 ||
        fail "$plugin does not build"
    cc -std=c99 -D_GNU_SOURCE -Wall -Wextra -Werror -shared -fPIC -o "$folder/$plugin.so" $plugin/$plugin.c $flags ||
        fail "$plugin does not build by hand"
done

export AUDIT_FILE=$folder/audit.txt NAVVY_REDIS_URL=unix://$folder/redis.sock
"$root/bin/navvy" check --config navvy.yaml >"$folder/check.log" 2>&1 || fail 'navvy check'
[ ! -e "$AUDIT_FILE" ] || fail 'navvy check started a plugin'
words=$(wc -w <wordcount/wordcount.c)
"$root/bin/navvy" try --config navvy.yaml words wordcount.c >"$folder/try.log" 2>&1 || fail 'navvy try'
grep -qF "{\"words\":$words}" "$folder/try.log" || fail "not $words words"

redis-server --port 0 --unixsocket "$folder/redis.sock" --dir "$folder" --save '' >"$folder/redis.log" 2>&1 &
pids+=($!)
redis() { redis-cli -s "$folder/redis.sock" "$@"; }
patience() { # COMMAND...: until it says yes, for 30 s
    for _ in $(seq 300); do "$@" && return 0; read -rt 0.1 <> <(:) || true; done
    fail "not within 30 s: $*"
}
answers() { redis PING >/dev/null 2>&1; }
patience answers
"$root/bin/navvy" run --config navvy.yaml 2>"$folder/run.log" &
worker=$!
pids+=($worker)
redis LPUSH words wordcount.c no-such-file ../escape >/dev/null
counted() { [ "$(redis HGET 'navvy:{words}:meta' "$1")" = "$2" ]; }
patience counted done 1
patience counted dead 2
kill -TERM $worker
wait $worker || fail 'the worker did not end with 0'

[ "$(wc -l <"$AUDIT_FILE")" = 6 ] || fail 'not two lines for each of three runs'
[ "$(grep -c ' begin queue=words job=' "$AUDIT_FILE")" = 3 ] || fail 'not three beginnings'
grep -qE ' end queue=words job=[^ ]+ delivery=1 outcome=done took_us=[0-9]+$' "$AUDIT_FILE" || fail 'no end'
[ "$(grep -c 'outcome=permanent' "$AUDIT_FILE")" = 2 ] || fail 'not two failures'
redis LRANGE 'navvy:{words}:dlq' 0 -1 >"$folder/dlq.log"
grep -qF 'error="No such file or directory"' "$folder/dlq.log" || fail 'no reason'
grep -qF 'error="the payload is not the name of a file"' "$folder/dlq.log" || fail 'no reason'
echo 'the plugins of examples/ work as installed'
