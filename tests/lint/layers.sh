#!/bin/sh
# layers: what a folder may reach, and which facts live in one place only.
# Usage: layers.sh [TREE]. Prints offenders and fails if there are any.
set -eu
cd "${1:-.}"

# A folder may include headers of itself and of the folders after the colon; as CMakeLists.txt links.
allowed='
base:
job:         base
config:      base job
redis:       base job config
pool:        base job
idempotency: base job config redis
dlq:         base job config
handler:     base job config pool
trace:       base job config
supervisor:  base job config
consumer:    base job config redis pool idempotency dlq handler trace supervisor
admin:       base job config redis pool idempotency dlq handler trace supervisor consumer
'
folders=$(echo "$allowed" | sed -n 's/:.*//p')
sources() { for folder in "$@"; do [ ! -d "$folder" ] || find "$folder" -name '*.[ch]'; done | sort; }

includes_upward() {
    echo "$allowed" | while IFS=: read -r dir may; do
        [ -d "${dir:-/nonexistent}" ] || continue
        grep -rEo --include='*.[ch]' '^ *# *include "[^"]+"' "$dir" |
            sed -E 's|:.*"([^"/]*/)?.*"$| \1|; s|/$||' |
            while read -r file target; do
                case " $dir $may " in
                *" ${target:-no folder} "*) ;;
                *) echo "$file: $dir/ may not include ${target:-a header without its folder}" ;;
                esac
            done
    done
}

# only 'what' 'pattern' file-or-folder...: outside comments, the pattern occurs nowhere else in the
# product.
only() {
    what=$1 pattern=$2; shift 2
    sources $folders | xargs -r grep -nE "$pattern" /dev/null |
        grep -vE '^[^:]+:[0-9]+: *(/?\*|//)' |
        while IFS=: read -r file line rest; do
            for home in "$@"; do case $file in "$home"|"$home"/*) continue 2 ;; esac; done
            echo "$file:$line: $what belongs in $*"
        done || true
}

bad=$(
    includes_upward
    only 'hiredis' '#include <hiredis|\bredis(Async)?(Context|Reply|Command)' redis
    only 'the name of a key' '"navvy:[{%]' redis/keys.c
    only 'the clock' '\b(clock_gettime|gettimeofday|time) *\((CLOCK_|NULL|&)' base/clock.c
    only 'randomness' '\b(getrandom|s?random|s?rand|rand_r) *\(' base/random.c
    only 'how a thread starts' '\bpthread_create *\(' base/thread.c
    only 'starting a thread' '\bthread_start *\(' base/thread.h base/thread.c pool handler/child_starter.c admin/http/desk.c admin/task trace/sender.c
    only 'a shell' '\b(system|popen) *\("?' nowhere
)
[ -z "$bad" ] || { echo "$bad"; exit 1; }
