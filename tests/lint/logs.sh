#!/bin/sh
# logs: docs/logs.md has each message that the sources log, with the keys that it may have, and no other.
# Where a message is no literal, a comment in its call names what it may be: /* msg: join, beat */.
# Usage: logs.sh [TREE]. Prints offenders and fails if there are any.
set -eu
cd "${1:-.}"
page=docs/logs.md
[ -e "$page" ] || exit 0

# `message key`, and `message -` for each; of every LOG...() of the product. about(MACRO): which of its
# arguments is the message, and what it says of itself.
calls() {
    find base job config redis pool idempotency dlq handler trace supervisor consumer admin -name '*.c' 2>/dev/null |
        sort | xargs -r awk '
        function tell(macro, body, tail,    at, depth, quoted, c, arg, n, keys, count, i, names) {
            n = macro ~ /_(OF|JOB)/ ? 3 : 2
            if (match(body tail, /\/\* msg: [^*]*\*\//)) {
                names = substr(body tail, RSTART + 8, RLENGTH - 10)
                gsub(/[ \t\n]/, "", names)
                count = split(names, keys, ",")
            } else {
                arg = 1; depth = 0; names = ""
                for (at = 1; at <= length(body) && arg <= n; at++) {
                    c = substr(body, at, 1)
                    if (c == "\"") quoted = !quoted
                    if (!quoted && c ~ /[([]/) depth++
                    if (!quoted && c ~ /[])]/) depth--
                    if (!quoted && depth == 0 && c == ",") arg++
                    else if (arg == n) names = names c
                }
                count = 0
                while (match(names, /"[^"]*"/)) {
                    keys[++count] = substr(names, RSTART + 1, RLENGTH - 2)
                    names = substr(names, RSTART + RLENGTH)
                }
                if (count == 0) print FILENAME ": a message that is no literal: LOG(" body ")"
            }
            for (i = 1; i <= count; i++) {
                print keys[i], "-"
                if (macro ~ /_(OF|JOB)/) print keys[i], "queue"
                if (macro ~ /_JOB/) print keys[i], "id"
                if (macro ~ /SPARSE/) print keys[i], "repeated"
                names = body
                while (match(names, /LOG_[SBI]\("[^"]*"/)) {
                    print keys[i], substr(names, RSTART + 7, RLENGTH - 8)
                    names = substr(names, RSTART + RLENGTH)
                }
            }
        }
        FNR == 1 { call = "" }
        { gsub(/\\"/, "") }
        call == "" && match($0, /(^|[^A-Za-z_])LOG(_SPARSE|_SPARSE_OF|_OF|_JOB|_JOB_SPARSE)?\(/) {
            call = substr($0, RSTART, RLENGTH)
            text = substr($0, RSTART + RLENGTH)
            level = from = 1
            line = FNR
            inside = 0
        }
        call != "" {
            if (FNR != line) text = text " " $0
            for (; from <= length(text); from++) {
                c = substr(text, from, 1)
                if (c == "\"") inside = !inside
                if (!inside && c == "(") level++
                if (!inside && c == ")" && --level == 0) {
                    tell(call, substr(text, 1, from - 1), substr(text, from))
                    call = ""
                    break
                }
            }
        }' | sort -u
}

# The same of the page: rows | `message` | level | `key`, `key` | ... |.
rows() {
    awk -F'|' '/^## / { table = $0 == "## Messages" }
    table && /^\| `/ {
        message = $2; gsub(/[` ]/, "", message)
        print message, "-"
        keys = $4
        while (match(keys, /`[^`]*`/)) {
            print message, substr(keys, RSTART + 1, RLENGTH - 2)
            keys = substr(keys, RSTART + RLENGTH)
        }
    }' "$page" | sort -u
}

bad=$(
    said=$(calls) written=$(rows)
    echo "$said" | grep 'no literal' || true
    echo "$said" | grep -v 'no literal' | while read -r message key; do
        echo "$written" | grep -qxF -- "$message $key" || echo "$page: say that a line \`$message\` has $key"
    done
    echo "$written" | while read -r message key; do
        [ "$message" = repeated ] || [ -z "$message" ] || echo "$said" | grep -qxF -- "$message $key" ||
            echo "$page: nothing logs $message $key"
    done
)
[ -z "$bad" ] || { echo "$bad"; exit 1; }
