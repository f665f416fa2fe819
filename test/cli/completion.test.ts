import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { podfitProgram, startPodfit, type PodfitProcess } from '../support/podfit-process.ts'
import { runProgram } from '../support/run-program.ts'
import { findShell } from '../support/shells.ts'
import { createKubectl } from '../support/kubectl.ts'

let podfit: PodfitProcess
const home = mkdtempSync(join(tmpdir(), 'podfit-completion-'))

/** What a user would press TAB after, and what the line then is. */
const lines: readonly (readonly [typed: string, completed: string])[] = [
  ['podfit veri', 'podfit verify'],
  ['podfit resize --mem', 'podfit resize --memory'],
  ['podfit verify we', 'podfit verify web-0'],
  ['podfit why pod/we', 'podfit why pod/web-0'],
  ['podfit verify -n kube-s', 'podfit verify -n kube-system'],
  ['podfit resize web-0 -c si', 'podfit resize web-0 -c sidecar'],
  ['podfit resize -l app=web -c ma', 'podfit resize -l app=web -c main'],
  ['podfit get --context podf', 'podfit get --context podfit'],
  ['podfit verify -l app=w', 'podfit verify -l app=web'],
  ['podfit explain CG304', 'podfit explain CG304'],
]

before(async () => {
  podfit = await startPodfit()
  // Waits for a time that never comes: names do not need containers that run.
  await createKubectl(podfit.kubeconfig).apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-0', labels: { app: 'web' } },
    spec: {
      nodeSelector: { never: 'there' },
      containers: ['main', 'sidecar'].map((name) => ({ name, image: 'busybox' })),
    },
  })
})
after(async () => {
  await podfit?.[Symbol.asyncDispose]()
  rmSync(home, { recursive: true, force: true })
})

const env = () => ({
  KUBECONFIG: podfit.kubeconfig,
  HOME: home,
  XDG_CONFIG_HOME: home,
  XDG_DATA_HOME: home,
  TERM: 'xterm',
  PATH: `${dirname(podfitProgram)}:${process.env['PATH']}`,
})

/** Types into a shell on a terminal: TAB after each line, then an echo around it, to see it. */
async function typedInto(shell: string, setup: string): Promise<readonly string[]> {
  const control = { home: '\u0001' }
  const keys = lines.map(([typed]) => `${typed}\t${control.home}echo "LINE<" \u0005">"\n`)
  const input = `${setup}\n${keys.join('')}exit\n`
  const { stdout } = await runProgram('script', ['-qec', shell, '/dev/null'], {
    input,
    env: env(),
    cwd: home,
  })
  return [...stdout.matchAll(/^LINE< (.*?) ?>\r?$/gm)].map(([, line = '']) => line.trimEnd())
}

const completed = lines.map(([, line]) => line)

test('bash completes what there is', async () => {
  const setup = `bind 'set show-all-if-ambiguous off'; source <(podfit completion bash)`
  assert.deepEqual(await typedInto('bash --norc --noprofile -i', setup), completed)
})

test('zsh completes what there is', async (t) => {
  const zsh = findShell('zsh')
  if (zsh === undefined) return t.skip('zsh is not installed and cannot be fetched')
  const setup = `${zsh.setup}; autoload -U compinit; compinit -u -d ${home}/dump; setopt no_list_ambiguous; bindkey -e; source <(podfit completion zsh)`
  assert.deepEqual(await typedInto(`${zsh.program} -f -i`, setup), completed)
})

test('fish completes what there is', async (t) => {
  const fish = findShell('fish')
  if (fish === undefined) return t.skip('fish is not installed and cannot be fetched')
  mkdirSync(join(home, 'fish/completions'), { recursive: true })
  const { stdout: script } = await podfit.podfit(['completion', 'fish'])
  writeFileSync(join(home, 'fish/completions/podfit.fish'), script)
  const asks = lines.map(([typed]) => `complete -C '${typed}'`)
  const setup = `source ${home}/fish/completions/podfit.fish`
  const args = ['--no-config', '-c', [setup, ...asks].join('; ')]
  const asked = await runProgram(fish.program, args, { env: { ...env(), ...fish.env }, cwd: home })
  const words = completed.map((line) => line.slice(line.lastIndexOf(' ') + 1))
  assert.deepEqual(asked.stdout.trim().split('\n'), words, asked.stderr)
})
