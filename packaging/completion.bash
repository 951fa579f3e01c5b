# bash completion of navvy: the verbs, and the options that each verb's own --help lists.
_navvy() {
    local current=${COMP_WORDS[COMP_CWORD]} first=1 words
    if [ "$COMP_CWORD" -eq 1 ]; then
        words=$(navvy help 2>/dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p')
    elif [ "${COMP_WORDS[1]}" = dlq ] && [ "$COMP_CWORD" -eq 2 ]; then
        words=$(navvy dlq --help 2>/dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p')
    elif [[ $current == -* ]]; then
        [ "${COMP_WORDS[1]}" != dlq ] || first=2
        words=$(navvy "${COMP_WORDS[@]:1:first}" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u)
    elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == --config ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _navvy navvy
