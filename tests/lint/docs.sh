#!/bin/sh
# docs: every relative link leads somewhere; docs/failures.md and the fault tests agree; docs/protocol.md has
# every script with its head, every key and header key. A proof is written
# `tests/fault/test_crash.c: row_8`, in backticks, and stands for the cases row_8_... of that file.
# Usage: docs.sh [TREE]. Prints offenders and fails if there are any.
set -eu
cd "${1:-.}"

broken_links() {
    find . -path ./build -prune -o -path ./.git -prune -o -name node_modules -prune -o -name '*.md' -print | while read -r page; do
        grep -oE '\]\([^)]+\)' "$page" | sed -E 's/^\]\(//; s/\)$//; s/#.*//; s/ ".*//' | sort -u |
            while read -r link; do
                case $link in ''|*://*|mailto:*) continue ;; esac
                [ -e "$(dirname "$page")/$link" ] || echo "$page: a link to $link, which is not there"
            done
    done
}

page=docs/failures.md
proofs() { grep -oE '`tests/[A-Za-z0-9_/.]+: row_[0-9]+`' "$page" | tr -d '`'; }

# What the page claims and no test shows.
unproven_faults() {
    proofs | while IFS=': ' read -r file row; do
        grep -qsE "^static void ${row}_" "$file" || echo "$page: $file has no case ${row}_..."
    done
}

# What a test shows and the page does not say.
unlisted_faults() {
    grep -roE --include='test_*.c' '^static void row_[0-9]+_' tests | sed -E 's/:static void (row_[0-9]+)_/: \1/' |
        sort -u | while read -r proof; do
            proofs | grep -qxF "$proof" || echo "$page: list the proof \`$proof\`"
        done
}

# What the sources know and the protocol does not say.
protocol=docs/protocol.md
names() { sed -nE "s/^ *X\($1\"([a-z_]+)\".*/\1/p" "$2" 2>/dev/null || true; }
missing_from_protocol() {
    while read -r name; do
        grep -qF "$1$name$2" "$protocol" || echo "$protocol: say what $1$name$2 is"
    done
}
unlisted_words() {
    for script in redis/lua/*.lua; do
        [ ! -e "$script" ] || basename "$script" .lua
    done | missing_from_protocol '| [' "](../redis/lua"
    names '[A-Z]+, ' redis/keys.h | missing_from_protocol '| `navvy:{Q}:' '` |'
    names '' job/record_keys.h | missing_from_protocol '| `' '` |'
}

# The comment that a script begins with, as it stands in the page.
changed_heads() {
    page_text=$(cat "$protocol")
    for script in redis/lua/*.lua; do
        [ -e "$script" ] || continue
        head=$(sed -n '/^--/!q; s/^-- \{0,1\}//p' "$script")
        case $page_text in
        *"$head"*) ;;
        *) echo "$protocol: the head of $script is another one now; bring it here" ;;
        esac
    done
}

bad=$(
    broken_links
    [ ! -e "$protocol" ] || { unlisted_words; changed_heads; }
    [ ! -e "$page" ] || { unproven_faults; unlisted_faults; }
)
[ -z "$bad" ] || { echo "$bad"; exit 1; }
