import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodReport, PodVerdict } from '../../operate/verify/pod-report.ts'
import { renderManyPodReports, renderPodReports, summaryLine } from './pod-reports.ts'

const plain = (_: unknown, text: string): string => text

function report(name: string, verdict: PodVerdict): PodReport {
  return {
    namespace: 'shop',
    name,
    resize: { kind: 'settled' },
    source: 'elsewhere',
    containers: [],
    pod: { values: [] },
    ancestors: [],
    findings: [],
    verdict,
  }
}

test('of several pods a last line says which of them are not well', () => {
  const reports = [
    report('a', 'drift'),
    report('b', 'verified'),
    report('c', 'warnings'),
    report('d', 'verified'),
    report('e', 'notNow'),
  ]
  const summary =
    '5 pods: 2 verified, 1 with warnings (shop/c), 1 not settled in time (shop/e), 1 not verified (shop/a)\n'
  assert.equal(summaryLine(reports, plain), summary)
  assert.ok(renderPodReports(reports, plain).endsWith(`\n\n${summary}`))
})

test('many names are counted from the sixth on', () => {
  const reports = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => report(name, 'drift'))
  const names = 'shop/a, shop/b, shop/c, shop/d, shop/e, 2 more'
  assert.equal(summaryLine(reports, plain), `7 pods: 7 not verified (${names})\n`)
})

test('of one pod its own verdict is the last line', () => {
  assert.match(renderPodReports([report('a', 'verified')], plain), /verified: .*agree\n$/)
  assert.equal(renderPodReports([], plain), '')
})

test('of a selection what is verified has one line, and the rest is shown in full below', () => {
  const reports = [report('a', 'drift'), report('b', 'verified'), report('c', 'verified')]
  const text = renderManyPodReports(reports, plain)
  const fine = ['b', 'c'].map((name) => `pod shop/${name}: verified: all five layers agree\n`)
  assert.ok(text.startsWith(`${fine.join('')}\npod shop/a\ncgroups: elsewhere\n`), text)
  assert.ok(text.endsWith('\n3 pods: 2 verified, 1 not verified (shop/a)\n'), text)
})

test('of a selection on other machines, too, a pod has one line if nothing else is to be told', () => {
  const finding = (code: 'CG304' | 'RS101') => ({ code, message: 'so' })
  const elsewhere = { ...report('a', 'warnings'), findings: [finding('CG304')] }
  const waits = { ...report('b', 'warnings'), findings: [finding('CG304'), finding('RS101')] }
  const text = renderManyPodReports([elsewhere, waits], plain)
  const line = 'pod shop/a: no difference was seen from inside (CG304)'
  assert.ok(text.startsWith(`${line}\n\npod shop/b\ncgroups: elsewhere\n`), text)
})

test('a selection of one pod is shown in full', () => {
  const reports = [report('a', 'verified')]
  assert.equal(renderManyPodReports(reports, plain), renderPodReports(reports, plain))
})
