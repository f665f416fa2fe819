import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A shell to be completed in, with what it needs where it is not installed. */
export interface Shell {
  readonly program: string
  readonly env: Readonly<Record<string, string>>
  /** zsh only: where its modules and functions lie. */
  readonly setup: string
}

const checkout = join(import.meta.dirname, '../..')
const packages = { zsh: ['zsh', 'zsh-common'], fish: ['fish', 'libpcre2-32-0'] } as const

function installed(name: string): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter)
  return directories.map((one) => join(one, name)).find((one) => existsSync(one))
}

/** The shell that is installed, else Debian's own unpacked beside the system; undefined without either. */
export function findShell(name: keyof typeof packages): Shell | undefined {
  const here = installed(name)
  if (here !== undefined) return { program: here, env: {}, setup: '' }
  const fetched = spawnSync(join(checkout, 'scripts/fetch-deb'), ['bookworm', ...packages[name]], {
    encoding: 'utf8',
  })
  if (fetched.status !== 0) return undefined
  const [first = '', second = ''] = fetched.stdout.trim().split('\n')
  if (name === 'fish') {
    const [library = ''] = globSync(`${second}/usr/lib/*/libpcre2-32.so.0`)
    const env = { LD_LIBRARY_PATH: join(library, '..') }
    return { program: `${first}/usr/bin/fish`, env, setup: '' }
  }
  const [modules = ''] = globSync(`${first}/usr/lib/*/zsh/*`)
  const setup = `module_path=(${modules}); fpath=(${second}/usr/share/zsh/functions/**/*(/))`
  return { program: `${first}/bin/zsh`, env: {}, setup }
}
