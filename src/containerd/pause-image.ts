import { readFileSync } from 'node:fs'
import type { ImageSource } from './image-archive.ts'

/** The image of every sandbox. A new tag for every change, because an image that is there stays. */
export const pauseImage = 'podfit.dev/pause:1'

/**
 * What holds a sandbox's namespaces: a shell that sleeps. As first process of a
 * shared process namespace it must end at SIGTERM, which needs a handler, and
 * reap what others leave behind, which the shell does while it waits.
 */
const script = "trap 'exit 0' TERM INT; while :; do sleep 2147483647 & wait $!; done"

export function pauseSource(busybox: string): ImageSource {
  return {
    name: pauseImage,
    entries: [
      { kind: 'directory', path: 'bin', mode: 0o755 },
      { kind: 'file', path: 'bin/busybox', mode: 0o755, content: readFileSync(busybox) },
      { kind: 'link', path: 'bin/sh', to: 'busybox' },
      { kind: 'link', path: 'bin/sleep', to: 'busybox' },
    ],
    entrypoint: ['/bin/sh', '-c', script],
    env: ['PATH=/bin'],
  }
}
