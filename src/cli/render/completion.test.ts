import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { bashCompletion, fishCompletion, zshCompletion, type Words } from './completion.ts'

const words: Words = new Map([
  ['resize', ['--cpu', '--memory']],
  ['image', ['load', '--help']],
])

function completedByBash(...line: readonly string[]): readonly string[] {
  const call = `COMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${line.length - 1}
    _podfit; printf '%s\\n' "\${COMPREPLY[@]}"`
  const output = execFileSync('bash', ['-c', `${bashCompletion(words)}\n${call}`], {
    encoding: 'utf8',
  })
  return output.trim().split('\n')
}

test('bashCompletion() completes verbs, options and subcommands', () => {
  assert.deepEqual(completedByBash('podfit', 're'), ['resize'])
  assert.deepEqual(completedByBash('podfit', ''), ['resize', 'image'])
  assert.deepEqual(completedByBash('podfit', 'resize', '--c'), ['--cpu'])
  assert.deepEqual(completedByBash('podfit', 'image', ''), ['load', '--help'])
})

test('zshCompletion() and fishCompletion() list the same words', () => {
  assert.match(zshCompletion(words), /resize\) compadd -- --cpu --memory ;;/)
  assert.match(fishCompletion(words), /-n '__fish_seen_subcommand_from image' -f -a load\n/)
  assert.match(fishCompletion(words), /-n '__fish_seen_subcommand_from resize' -l memory\n/)
})
