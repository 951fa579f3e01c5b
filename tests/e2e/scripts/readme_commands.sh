#!/bin/sh
# readme_commands: every `navvy VERB --option` that README.md shows exists, and so does every script.
# Usage: readme_commands.sh TREE NAVVY. Prints offenders and fails if there are any.
set -eu
cd "${1:-.}"
navvy=$2

blocks() { awk '/^```/ { inside = /^```sh/; next } inside' README.md; }

# One `verb --option --option` a line; `dlq retry` is a verb of two words.
commands() {
    blocks | sed 's/ #.*//' | grep -oE '\bnavvy [a-z]+[^|;&<>()]*' |
        sed -E 's/^navvy //; s/^dlq ([a-z]+)/dlq_\1/' | sort -u
}

bad=$(
    commands | while read -r verb words; do
        verb=$(echo "$verb" | tr _ ' ')
        help=$("$navvy" $verb --help 2>&1 </dev/null) || { echo "README.md: navvy $verb: no such verb"; continue; }
        for word in $words; do
            case $word in
            --*) case $help in *"${word%%=*}"*) ;; *) echo "README.md: navvy $verb has no ${word%%=*}" ;; esac ;;
            esac
        done
    done
    blocks | grep -oE '\bscripts/[a-z]+' | sort -u | while read -r script; do
        [ -x "$script" ] || echo "README.md: $script is not there"
    done
)
[ -z "$bad" ] || { echo "$bad"; exit 1; }
