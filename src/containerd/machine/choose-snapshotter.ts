import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Snapshotter } from '../containerd-config.ts'

/**
 * `overlayfs` where a directory of `dir`'s file system can be the upper layer of
 * an overlay, found out by mounting one, else `native`, which copies each layer.
 */
export function chooseSnapshotter(dir: string): Snapshotter {
  const probe = mkdtempSync(join(dir, 'overlay-'))
  try {
    const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => {
      mkdirSync(join(probe, name))
      return join(probe, name)
    })
    const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`
    const mounted = spawnSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, merged ?? ''])
    if (mounted.status !== 0) return 'native'
    spawnSync('umount', [merged ?? ''])
    return 'overlayfs'
  } finally {
    rmSync(probe, { recursive: true })
  }
}
