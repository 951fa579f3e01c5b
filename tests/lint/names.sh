#!/bin/sh
# names: a file is one noun, a function says what it does, a struct says that it is one.
# Usage: names.sh [TREE]. Prints offenders and fails if there are any.
set -eu
cd "${1:-.}"

complain() { sed "s|^|$1: |"; }
product() {
    for folder in base job config redis pool idempotency dlq handler trace supervisor consumer admin; do
        [ ! -d "$folder" ] || find "$folder" -name '*.[ch]'
    done
}

# FILE:LINE:code, without comments and strings, so that prose is free.
code() {
    product | sort | xargs -r awk '
        FNR == 1 { comment = 0 }
        {
            line = $0
            gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
            if (comment && sub(/^.*\*\//, "", line)) comment = 0
            if (comment) next
            gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, "", line)
            sub(/\/\/.*/, "", line)
            if (sub(/\/\*.*/, "", line)) comment = 1
            print FILENAME ":" FNR ":" line
        }'
}

bad=$(
    find . -path ./build -prune -o -path ./.git -prune -o -name '*.[ch]' -print |
        grep -E '/(utils?|helpers?|misc|managers?|stuff)\.[ch]$' |
        complain 'a file is one noun, not' || true
    code | grep -E ':.*:.*\b((do|handle|process)_[a-z]\w*|\w+_(manager|utils?|helper))\b' |
        complain 'a name that says nothing' || true
    code | grep -E ':.*:.*\btypedef +(struct|enum|union)\b' | complain 'no typedef of a struct' || true
)
[ -z "$bad" ] || { echo "$bad"; exit 1; }
