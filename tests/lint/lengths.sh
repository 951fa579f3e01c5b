#!/bin/sh
# lengths: if a reader must scroll, split. These are the outer limits; most files stay far below.
# Usage: lengths.sh [TREE]. Prints offenders and fails if there are any.
set -eu
cd "${1:-.}"
file_lines_max=400
test_lines_max=500 # cases are read one at a time
function_lines_max=70

# A function's body begins with a brace alone in column 1 and ends with another: clang-format sees to it.
bad=$(find . -path ./build -prune -o -path ./.git -prune -o -name '*.[ch]' -print | sort |
    while read -r file; do
        case $file in ./tests/*) lines_max=$test_lines_max ;; *) lines_max=$file_lines_max ;; esac
        awk -v file="$file" -v file_max=$lines_max -v function_max=$function_lines_max '
            /^\{$/ { start = FNR }
            /^\}/ && start {
                if (FNR - start + 1 > function_max)
                    print file ":" start ": a function of " FNR - start + 1 " lines, at most " function_max
                start = 0
            }
            END { if (FNR > file_max) print file ": " FNR " lines, at most " file_max }' "$file"
    done)
[ -z "$bad" ] || { echo "$bad"; exit 1; }
