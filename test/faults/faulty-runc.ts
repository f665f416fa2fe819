import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../src/containerd/machine/find-program.ts'

export type Verb = 'create' | 'start' | 'update' | 'kill' | 'delete'

export interface RuncFault {
  readonly verb: Verb
  /** Only calls with this among their arguments or in the container's spec: an id, a name. @default all */
  readonly of?: string
  /** So many calls go through before. @default 0 */
  readonly after?: number
  /** So many calls are hit. @default all from then on */
  readonly times?: number
  /** `nothing`: it says that it is done, and is not. `hangs`: until the fault is taken away. */
  readonly does: { readonly fails: string } | { readonly takesMs: number } | 'hangs' | 'nothing'
}

export interface RuncCall {
  readonly at: number
  readonly verb: Verb
  readonly args: string
}

/** To be called to end it. */
export interface AddedFault extends Disposable {
  (): void
  /** Whether it has hit so many calls as it was told to. */
  isUsedUp(): boolean
}

/**
 * A real runc whose calls fail, hang or take their time when they are told to: a script
 * of that name earlier in PATH, which podfit then gives to its containerd.
 *
 * Each fault is a directory with the words of its rule and one file for each call that it
 * lets through or hits; a call takes its file by removing it, which only one can.
 */
export class FaultyRunc implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'faulty-runc-'))
  readonly #faults = join(this.directory, 'faults')
  readonly #calls = join(this.directory, 'calls')
  #count = 0

  constructor() {
    mkdirSync(this.#faults)
    this.forgetCalls()
    const script = `#!/bin/sh
verb=
for arg; do
  case $arg in create|start|update|kill|delete) verb=$arg; break ;; esac
done
# Where the container's log is, there is its spec.
spec=
for arg; do [ "$spec" = next ] && spec=\${arg%/*}/config.json && break; [ "$arg" != --log ] || spec=next; done
take() {
  for file in "$1"/"$2"-*; do rm "$file" 2>/dev/null && return; done
  return 1
}
[ -z "$verb" ] || echo "$(date +%s%3N) $verb $*" >>'${this.#calls}'
for fault in '${this.#faults}'/*; do
  [ -n "$verb" ] && [ -e "$fault/rule" ] || continue
  wanted=
  { read -r wanted action amount of <"$fault/rule"; } 2>/dev/null
  [ "$wanted" = "$verb" ] || continue
  case "$*" in *"$of"*) ;; *) grep -qF "$of" "$spec" 2>/dev/null || continue ;; esac
  take "$fault" pass && continue
  [ -e "$fault/always" ] || take "$fault" hit || continue
  case $action in
    fail)
      # A fault that is taken away meanwhile is none.
      text=$(cat "$fault/text" 2>/dev/null) || continue
      echo "$text" >&2
      # Of a create that failed containerd reads the log.
      log=
      for arg; do [ "$log" = next ] && log=$arg && break; [ "$arg" != --log ] || log=next; done
      [ -z "$log" ] || printf '{"level":"error","msg":"%s"}\\n' "$text" >>"$log"
      exit 1 ;;
    hang) while [ -e "$fault" ]; do sleep 0.1; done; exit 1 ;;
    skip) exit 0 ;;
    delay) sleep "$amount" ;;
  esac
done
exec '${findProgram('runc')}' "$@"
`
    writeFileSync(join(this.directory, 'runc'), script)
    chmodSync(join(this.directory, 'runc'), 0o755)
  }

  /** To be merged into podfit's environment. */
  get env(): { readonly PATH: string } {
    return { PATH: `${this.directory}:${process.env['PATH']}` }
  }

  /** From now on; gives what takes the fault away again. */
  add({ verb, of = '', after = 0, times, does }: RuncFault): AddedFault {
    const name = join(this.directory, `new-${(this.#count += 1)}`)
    mkdirSync(name)
    for (let one = 0; one < after; one += 1) writeFileSync(join(name, `pass-${one}`), '')
    for (let one = 0; one < (times ?? 0); one += 1) writeFileSync(join(name, `hit-${one}`), '')
    if (times === undefined) writeFileSync(join(name, 'always'), '')
    const seconds = typeof does === 'object' && 'takesMs' in does ? does.takesMs / 1000 : 0
    const action = actionOf(does)
    if (typeof does === 'object' && 'fails' in does) {
      writeFileSync(join(name, 'text'), `${does.fails}\n`)
    }
    writeFileSync(join(name, 'rule'), `${verb} ${action} ${seconds} ${of}\n`)
    const place = join(this.#faults, String(this.#count))
    renameSync(name, place)
    const heal = () => rmSync(place, { recursive: true, force: true })
    const isUsedUp = () => !readdirSync(place).some((file) => file.startsWith('hit-'))
    return Object.assign(heal, { isUsedUp, [Symbol.dispose]: heal })
  }

  /** Every call since the last `forgetCalls`, those that failed too. */
  calls(verb: Verb, of = ''): readonly RuncCall[] {
    return readFileSync(this.#calls, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [at = '', name = '', ...args] = line.split(' ')
        return { at: Number(at), verb: name as Verb, args: args.join(' ') }
      })
      .filter((call) => call.verb === verb && call.args.includes(of))
  }

  forgetCalls(): void {
    writeFileSync(this.#calls, '')
  }

  /** Ends all faults. */
  heal(): void {
    rmSync(this.#faults, { recursive: true, force: true })
    mkdirSync(this.#faults)
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

function actionOf(does: RuncFault['does']): string {
  if (does === 'hangs') return 'hang'
  if (does === 'nothing') return 'skip'
  return 'fails' in does ? 'fail' : 'delay'
}
