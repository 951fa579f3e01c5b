#!/bin/sh
# names: a file is one noun, a function says what it does, a struct says that it is one.
# Usage: names.sh [TREE]. Prints offenders and fails if there are any.
set -eu
cd "${1:-.}"

# Without comments and strings, so that prose is free.
code() {
    sed -E 's/"([^"\\]|\\.)*"/""/g; s|//.*||; s|/\*.*\*/||' "$1" |
        sed -E '/\/\*/,/\*\//d'
}
complain() { sed "s|^|$1: |"; }

bad=$(
    find . -path ./build -prune -o -path ./.git -prune -o -name '*.[ch]' -print |
        grep -E '/(utils?|helpers?|misc|managers?|stuff)\.[ch]$' |
        complain 'a file is one noun, not' || true
    for folder in base job config redis pool idempotency dlq handler consumer admin; do
        [ ! -d "$folder" ] || find "$folder" -name '*.[ch]'
    done | while read -r file; do
        code "$file" | grep -noEw '(do|handle|process)_[a-z]\w*|\w+_(manager|utils?|helper)' |
            complain "$file: a name that says nothing" || true
        code "$file" | grep -noE 'typedef +(struct|enum|union)\b.*' |
            complain "$file: no typedef of a struct" || true
    done
)
[ -z "$bad" ] || { echo "$bad"; exit 1; }
