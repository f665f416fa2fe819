import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../src/containerd/machine/find-program.ts'

/**
 * What becomes of an update: it is made, refused, kept waiting until the mode changes, or,
 * for the container of that id, made and then reported as failed.
 */
export type UpdateMode = 'do' | 'refuse' | 'wait' | `fail ${string}`

/** What the shim says when it refuses. */
export const complaint = 'the test does not want this'

/** Sizes by file name, as the container's cgroup said at one moment. */
export type FileTexts = Readonly<Record<string, string>>

const files = [
  'cpu.shares',
  'cpu.cfs_quota_us',
  'cpu.cfs_period_us',
  'memory.limit_in_bytes',
  'memory.memsw.limit_in_bytes',
  'cpu.weight',
  'cpu.max',
  'memory.max',
  'memory.swap.max',
]

/**
 * A real runc behind a script of that name, which writes down what a container's files say
 * right before each update and right after it. Give its `directory` to podfit in PATH.
 */
export class WatchedRunc implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'watched-runc-'))

  constructor() {
    this.mode = 'do'
    const script = `#!/bin/sh
dir='${this.directory}'
update=no
for arg; do [ "$arg" != update ] || update=yes; id=$arg; done
say() {
  find /sys/fs/cgroup -type d -name "$id" | while read -r place; do
    for file in ${files.join(' ')}; do
      [ ! -e "$place/$file" ] || echo "$file=$(cat "$place/$file")"
    done
  done >"$dir/$1.new"
  mv "$dir/$1.new" "$dir/$1"
}
[ $update = yes ] || exec ${findProgram('runc')} "$@"
say before
while [ "$(cat "$dir/mode")" = wait ]; do sleep 0.1; done
if [ "$(cat "$dir/mode")" = refuse ]; then
  echo '${complaint}' >&2
  exit 1
fi
${findProgram('runc')} "$@" || exit
if [ "$(cat "$dir/mode")" = "fail $id" ]; then
  echo '${complaint}' >&2
  exit 1
fi
say after
`
    writeFileSync(join(this.directory, 'runc'), script)
    chmodSync(join(this.directory, 'runc'), 0o755)
  }

  set mode(mode: UpdateMode) {
    writeFileSync(join(this.directory, 'mode'), mode)
  }

  /** What the files said when the last update was asked for; undefined before the first. */
  get before(): FileTexts | undefined {
    return this.#read('before')
  }

  /** What they said when it was done. */
  get after(): FileTexts | undefined {
    return this.#read('after')
  }

  /** Forgets what was seen. */
  forget(): void {
    for (const name of ['before', 'after']) rmSync(join(this.directory, name), { force: true })
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }

  #read(name: string): FileTexts | undefined {
    const file = join(this.directory, name)
    if (!existsSync(file)) return undefined
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    return Object.fromEntries(lines.map((line) => line.split('=') as [string, string]))
  }
}
