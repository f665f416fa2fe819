import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** A directory whose files are page cache; the guest's own file systems lie in memory. */
export function diskDirectory(t: TestContext): string {
  const dir = mkdtempSync('/var/tmp/podfit-disk-')
  const mounted = join(dir, 'mounted')
  mkdirSync(mounted)
  const inMemory = process.env['PODFIT_UML'] !== undefined
  t.after(() => {
    if (inMemory) execFileSync('umount', ['-l', mounted])
    rmSync(dir, { recursive: true })
  })
  // Written whole before, since an image in memory counts for whoever writes it first.
  const image =
    'dd if=/dev/zero of=image bs=1M count=100 2>/dev/null && mke2fs -q -F -E nodiscard image'
  const script = `${image} && mount -o loop image mounted`
  if (inMemory) execFileSync('sh', ['-c', script], { cwd: dir })
  return mounted
}
