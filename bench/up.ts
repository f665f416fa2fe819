import { PodfitProcess } from '../test/support/podfit-process.ts'

/** Milliseconds from the command to ready, with the images built. */
export interface Up {
  /** containerd is started too. */
  readonly whole: number
  /** containerd still runs, as after a crash of podfit. */
  readonly withRuntime: number
}

export async function measureUp(): Promise<Up> {
  await using podfit = new PodfitProcess()
  const timed = async (): Promise<number> => {
    const start = performance.now()
    await podfit.start()
    return performance.now() - start
  }
  await podfit.start()
  await podfit.stop()
  const withRuntime = await timed()
  await podfit.stop()
  await podfit.podfit(['down', '--data-dir', podfit.dataDir])
  return { whole: await timed(), withRuntime }
}
