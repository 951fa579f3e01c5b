#!/bin/sh
# docs: every relative link leads somewhere, and every fault that docs/failures.md calls proven has its
# test. A proof is written `tests/fault/test_take.c: name_of_case`, in backticks.
# Usage: docs.sh [TREE]. Prints offenders and fails if there are any.
set -eu
cd "${1:-.}"

broken_links() {
    find . -path ./build -prune -o -path ./.git -prune -o -name '*.md' -print | while read -r page; do
        grep -oE '\]\([^)]+\)' "$page" | sed -E 's/^\]\(//; s/\)$//; s/#.*//; s/ ".*//' | sort -u |
            while read -r link; do
                case $link in ''|*://*|mailto:*) continue ;; esac
                [ -e "$(dirname "$page")/$link" ] || echo "$page: a link to $link, which is not there"
            done
    done
}

unproven_faults() {
    [ -e docs/failures.md ] || return 0
    grep -oE '`tests/[A-Za-z0-9_/.]+: *[A-Za-z0-9_]+`' docs/failures.md | tr -d '`' |
        while IFS=': ' read -r file name; do
            grep -qsw "$name" "$file" || echo "docs/failures.md: $file has no case $name"
        done
}

bad=$(broken_links; unproven_faults)
[ -z "$bad" ] || { echo "$bad"; exit 1; }
