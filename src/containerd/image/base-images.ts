import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { imageArchive, type ArchiveEntry, type ImageSource } from './image-archive.ts'

/** The image of every sandbox. A new tag for every change, because an image that is there stays. */
export const pauseImage = 'podfit.dev/pause:1'

/** What `image: busybox` means. */
export const busyboxImage = 'docker.io/library/busybox:latest'

/** The names of all images that podfit makes itself. */
export const baseImages: readonly string[] = [pauseImage, busyboxImage]

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const busybox: ImageSource = { name: busyboxImage, command: ['sh'], env: [path] }

/**
 * What holds a sandbox's namespaces: a shell that sleeps. As first process of a
 * shared process namespace it must end at SIGTERM, which needs a handler, and
 * reap what others leave behind, which the shell does while it waits.
 */
const pause: ImageSource = {
  name: pauseImage,
  entrypoint: [
    '/bin/sh',
    '-c',
    "trap 'exit 0' TERM INT; while :; do sleep 2147483647 & wait $!; done",
  ],
  env: [path],
}

const directories = ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'usr', 'usr/bin', 'var']
const passwd = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n'
const group = 'root:x:0:\nnobody:x:65534:\n'

/**
 * The images that podfit makes itself, since no registry may be within reach,
 * from a statically linked busybox. Both have the same layer, so the program is
 * stored once, and once in memory for all sandboxes.
 *
 * @param names which of them to make
 */
export function baseImagesArchive(program: string, names = baseImages): Promise<Buffer> {
  const wanted = [pause, busybox].filter(({ name }) => names.includes(name))
  return imageArchive(busyboxLayer(readFileSync(program), appletsOf(program)), wanted)
}

/** The program, a link for each of its applets in /bin, and the few files that programs look for. */
function busyboxLayer(program: Buffer, applets: readonly string[]): ArchiveEntry[] {
  const links = applets
    .filter((applet) => applet !== 'busybox')
    .map((applet): ArchiveEntry => ({ kind: 'link', path: `bin/${applet}`, to: 'busybox' }))
  return [
    ...directories.map((path): ArchiveEntry => ({ kind: 'directory', path, mode: 0o755 })),
    { kind: 'directory', path: 'tmp', mode: 0o1777 },
    { kind: 'file', path: 'bin/busybox', mode: 0o755, content: program },
    ...links,
    { kind: 'link', path: 'usr/bin/env', to: '../../bin/busybox' },
    { kind: 'file', path: 'etc/passwd', mode: 0o644, content: Buffer.from(passwd) },
    { kind: 'file', path: 'etc/group', mode: 0o644, content: Buffer.from(group) },
  ]
}

/** What a busybox can do, sorted. */
function appletsOf(program: string): string[] {
  const { stdout } = spawnSync(program, ['--list'], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .filter((applet) => applet !== '')
    .sort()
}
