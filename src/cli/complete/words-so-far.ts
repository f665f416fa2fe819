import type { Command, Option } from 'commander'

/** A command line up to the cursor, read by the options of its command. */
export interface WordsSoFar {
  /** The word at the cursor, as far as it is typed; without `--option=`. */
  readonly current: string
  /** What comes before each candidate: `--option=` where the shell leaves that in the word. */
  readonly before: string
  /** How much of each candidate is in words before, for a shell that splits at `=`. */
  readonly skip: number
  /** The option whose value is at the cursor. */
  readonly option: Option | undefined
  /** Options given so far, by name (`dataDir`): their values, or true. */
  readonly flags: Readonly<Record<string, string | true>>
  /** Words that belong to no option. */
  readonly names: readonly string[]
}

/** bash takes `--namespace=shop` and `app=web` for three words. */
function joined(words: readonly string[]): readonly string[] {
  const whole: string[] = []
  for (const word of words) {
    const last = whole.at(-1)
    if (last !== undefined && (word === '=' || last.endsWith('='))) {
      whole[whole.length - 1] = last + word
    } else whole.push(word)
  }
  return whole
}

/** Whether the option takes a value. */
function takesValue(option: Option | undefined): option is Option {
  return option !== undefined && (option.required || option.optional)
}

/** Reads the words after the verb; the last one is at the cursor. */
export function wordsSoFar(command: Command, words: readonly string[]): WordsSoFar {
  const split = words.at(-2) === '=' || words.at(-1) === '='
  const whole = joined(words)
  const flags: Record<string, string | true> = {}
  const names: string[] = []
  const named = (text: string): Option | undefined =>
    command.options.find(({ long, short }) => text === long || text === short)
  let open: Option | undefined
  for (const word of whole.slice(0, -1)) {
    const [start = '', ...value] = word.split('=')
    if (open !== undefined) {
      flags[open.attributeName()] = word
      open = undefined
    } else if (word.startsWith('-')) {
      const option = named(start)
      if (takesValue(option) && value.length === 0) open = option
      else if (option !== undefined) flags[option.attributeName()] = value.join('=') || true
    } else names.push(word)
  }
  const last = whole.at(-1) ?? ''
  const [, start, value] = /^(--[^=]+)=(.*)$/.exec(last) ?? []
  if (open === undefined && start !== undefined && value !== undefined) {
    const before = split ? '' : `${start}=`
    return { current: value, before, skip: 0, option: named(start), flags, names }
  }
  const skip = split ? last.lastIndexOf('=') + 1 : 0
  return { current: last, before: '', skip, option: open, flags, names }
}
