# Completion of pciefabric in bash: source this file, for example from ~/.bashrc.
_pciefabric() {
    # The command may have been typed as a path; it knows itself by its plain name.
    local typed=${COMP_WORDS[0]} line
    line=pciefabric${COMP_LINE:${#typed}}
    local IFS=$'\n'
    COMPREPLY=($(compgen -W "$("$typed" "[suggest:$((COMP_POINT - ${#typed} + 10))]" "$line" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _pciefabric pciefabric ./pciefabric
