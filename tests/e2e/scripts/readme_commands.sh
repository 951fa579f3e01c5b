#!/bin/sh
# readme_commands: every `navvy VERB --option` that README.md and docs/operations.md show exists, and so does
# every script.
# Usage: readme_commands.sh TREE NAVVY. Prints offenders and fails if there are any.
set -eu
cd "${1:-.}"
navvy=$2

page=README.md
# What is in blocks of shell; on the page for the night also what is named in a sentence.
blocks() {
    awk '/^```/ { inside = /^```sh/; next } inside' $page
    [ $page = README.md ] || grep -oE '`navvy [^`]*`' $page | tr -d '`'
}

# One `verb --option --option` a line; `dlq retry` is a verb of two words.
commands() {
    blocks | sed 's/ #.*//' | grep -oE '\bnavvy [a-z]+[^|;&<>()]*' |
        sed -E 's/^navvy //; s/^dlq ([a-z]+)/dlq_\1/' | sort -u
}

offenders() {
    commands | while read -r verb words; do
        verb=$(echo "$verb" | tr _ ' ')
        help=$("$navvy" $verb --help 2>&1 </dev/null) || { echo "$page: navvy $verb: no such verb"; continue; }
        for word in $words; do
            case $word in
            --*) case $help in *"${word%%=*}"*) ;; *) echo "$page: navvy $verb has no ${word%%=*}" ;; esac ;;
            esac
        done
    done
    blocks | grep -oE '\bscripts/[a-z]+' | sort -u | while read -r script; do
        [ -x "$script" ] || echo "$page: $script is not there"
    done
}
bad=$(for page in README.md docs/operations.md; do offenders; done)
[ -z "$bad" ] || { echo "$bad"; exit 1; }
