import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { FindingCode } from '../../src/operate/findings/finding-table.ts'
import { podfitProgram } from '../support/podfit-process.ts'

/** A `podfit verify --watch` and what it said last. */
export class VerifyWatch implements AsyncDisposable {
  readonly #child
  readonly #exit: Promise<unknown[]>
  #text = ''

  constructor(name: string, kubeconfig: string, args: readonly string[] = []) {
    this.#child = spawn(podfitProgram, ['verify', name, '--watch', '-o', 'json', ...args], {
      env: { ...process.env, KUBECONFIG: kubeconfig },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    this.#exit = once(this.#child, 'exit')
    this.#child.stdout.setEncoding('utf8').on('data', (chunk: string) => (this.#text += chunk))
  }

  /** Codes of the newest report; undefined before the first. */
  get codes(): readonly string[] | undefined {
    return this.#findings?.map(({ code }) => code)
  }

  /** The issues that the finding with this code looks like. */
  upstreamOf(code: FindingCode): readonly string[] | undefined {
    return this.#findings?.find((one) => one.code === code)?.upstream
  }

  get #findings(): readonly { code: string; upstream?: readonly string[] }[] | undefined {
    const newest = this.#text.split(/^(?=\{$)/m).at(-1) ?? ''
    if (!newest.endsWith('}\n')) return undefined
    return (JSON.parse(newest) as { findings: readonly { code: string }[] }).findings
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGINT')
    assert.deepEqual(await this.#exit, [130, null])
  }
}
