/** What may follow `podfit VERB`, by verb, in the order to offer it. */
export type Words = ReadonlyMap<string, readonly string[]>

export function bashCompletion(words: Words): string {
  const cases = [...words].map(([verb, next]) => `    ${verb}) words='${next.join(' ')}' ;;`)
  return `# bash completion for podfit
_podfit() {
  local words
  case "$([ "$COMP_CWORD" -gt 1 ] && echo "\${COMP_WORDS[1]}")" in
    '') words='${[...words.keys()].join(' ')}' ;;
${cases.join('\n')}
    *) words='' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _podfit podfit
`
}

export function zshCompletion(words: Words): string {
  const cases = [...words].map(([verb, next]) => `    ${verb}) compadd -- ${next.join(' ')} ;;`)
  return `#compdef podfit
_podfit() {
  if (( CURRENT == 2 )); then
    compadd -- ${[...words.keys()].join(' ')}
    return
  fi
  case $words[2] in
${cases.join('\n')}
  esac
}
# As a file in fpath it is the function itself; sourced, it has to be registered.
if [ "$funcstack[1]" = _podfit ]; then _podfit "$@"; else compdef _podfit podfit; fi
`
}

export function fishCompletion(words: Words): string {
  const lines = [...words].flatMap(([verb, next]) => {
    const after = `complete -c podfit -n '__fish_seen_subcommand_from ${verb}'`
    const options = next.filter((word) => word.startsWith('--'))
    const names = next.filter((word) => !word.startsWith('--'))
    return [
      `complete -c podfit -f -n __fish_use_subcommand -a ${verb}`,
      ...names.map((name) => `${after} -f -a ${name}`),
      ...options.map((option) => `${after} -l ${option.slice(2)}`),
    ]
  })
  return `# fish completion for podfit\n${lines.join('\n')}\n`
}
