import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { ImageSource, LayerEntry } from './image-archive.ts'

/** What `image: busybox` means. */
export const busyboxImage = 'docker.io/library/busybox:latest'

const directories = ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'usr', 'usr/bin', 'var']
const passwd = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n'
const group = 'root:x:0:\nnobody:x:65534:\n'

/**
 * An image of a statically linked busybox: the program, a link for each of its
 * applets in /bin, and the few files that programs look for.
 */
export function busyboxSource(name: string, program: string, applets: readonly string[]) {
  const links = applets
    .filter((applet) => applet !== 'busybox')
    .map((applet): LayerEntry => ({ kind: 'link', path: `bin/${applet}`, to: 'busybox' }))
  return {
    name,
    entries: [
      ...directories.map((path): LayerEntry => ({ kind: 'directory', path, mode: 0o755 })),
      { kind: 'directory', path: 'tmp', mode: 0o1777 },
      { kind: 'file', path: 'bin/busybox', mode: 0o755, content: readFileSync(program) },
      ...links,
      { kind: 'link', path: 'usr/bin/env', to: '../../bin/busybox' },
      { kind: 'file', path: 'etc/passwd', mode: 0o644, content: Buffer.from(passwd) },
      { kind: 'file', path: 'etc/group', mode: 0o644, content: Buffer.from(group) },
    ],
    command: ['sh'],
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  } satisfies ImageSource
}

/** What a busybox can do, sorted. */
export function appletsOf(program: string): string[] {
  const { stdout } = spawnSync(program, ['--list'], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .filter((applet) => applet !== '')
    .sort()
}
