/** What podfit answers instead of candidates where file names should be offered. */
export const filesAnswer = ':files'

/**
 * The completion scripts. Each asks `podfit __complete -- WORD...`, with the words after
 * `podfit` up to the one at the cursor, for candidates, one a line.
 */
export const completionScripts = {
  bash: `# bash completion for podfit
_podfit() {
  local IFS=$'\\n'
  COMPREPLY=($(podfit __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [ "\${COMPREPLY[0]-}" = ${filesAnswer} ]; then
    COMPREPLY=()
    compopt -o default
  fi
}
complete -F _podfit podfit
`,
  zsh: `#compdef podfit
_podfit() {
  local -a found
  found=("\${(@f)$(podfit __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $found[1] == ${filesAnswer} ]]; then _files; else compadd -- \${(@)found:#}; fi
}
# As a file in fpath it is the function itself; sourced, it has to be registered.
if [ "$funcstack[1]" = _podfit ]; then _podfit "$@"; else compdef _podfit podfit; fi
`,
  fish: `# fish completion for podfit
function __podfit_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found (podfit __complete -- $words[2..-1] 2>/dev/null)
  if test "$found[1]" = ${filesAnswer}
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $found
  end
end
complete -c podfit -f -a '(__podfit_complete)'
`,
} as const

export const shells = Object.keys(completionScripts) as readonly (keyof typeof completionScripts)[]
