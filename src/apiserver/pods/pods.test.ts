import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  TestApi,
  admin,
  listOf,
  podBody,
  podsPath,
  textOf,
} from '../../../test/apiserver/test-api.ts'
import type { PodLogOptions } from '../../domain/query/pod-log-options.ts'
import type { NodeStreams } from '../node-streams.ts'

interface Asked {
  readonly what: string
  readonly container?: string
  readonly options?: PodLogOptions
}

/** A node that answers with where it would have gone. */
function fakeStreams(asked: Asked[]): NodeStreams {
  const url = (what: string, container?: string) => {
    asked.push({ what, ...(container === undefined ? {} : { container }) })
    return Promise.resolve(new URL(`http://127.0.0.1:1/${what}/token`))
  }
  return {
    logs: (pod, container, options) => {
      if (options.previous) {
        const error = Object.assign(
          new Error(
            `previous terminated container "${container}" in pod "${pod.metadata.name}" not found`,
          ),
          { code: 400 },
        )
        return Promise.reject(error)
      }
      asked.push({ what: 'logs', container, options })
      return Promise.resolve(new Blob(['hello\n']).stream())
    },
    exec: (_pod, container) => url('exec', container),
    attach: (_pod, container) => url('attach', container),
    portForward: () => url('portForward'),
  }
}

async function withPods(asked: Asked[] = []): Promise<TestApi> {
  const api = await TestApi.start({ streams: fakeStreams(asked) })
  const two = podBody('two')
  const containers = [
    { name: 'a', image: 'busybox:1' },
    { name: 'b', image: 'busybox:1' },
  ]
  await api.post(podsPath, podBody('one'))
  await api.post(podsPath, { ...two, spec: { containers } })
  for (const name of ['one', 'two']) {
    await api.bind(`${podsPath}/${name}`)
  }
  await api.post(podsPath, podBody('unplaced'))
  return api
}

describe('binding', () => {
  it('gives a pod its node once', async () => {
    using api = await withPods()
    const { body } = await api.get(`${podsPath}/one`)
    assert.equal(body.spec?.nodeName, 'n1')
    assert.equal(body.metadata?.generation, 1)
    const [condition] = listOf(body.status?.conditions)
    assert.equal(condition?.type, 'PodScheduled')
    assert.equal(condition?.status, 'True')
    assert.equal(condition?.observedGeneration, 1)
    const again = await api.bind(`${podsPath}/one`, 'n2')
    assert.equal(again.code, 409)
    assert.equal(
      again.body.message,
      'Operation cannot be fulfilled on pods/binding "one": pod one is already assigned to node "n1"',
    )
    const nowhere = await api.bind(`${podsPath}/one`, '')
    assert.equal(nowhere.code, 422)
    assert.equal(listOf(nowhere.body.details?.causes)[0]?.['field'], 'target.name')
    assert.equal(nowhere.body.message, 'Binding "one" is invalid: target.name: Required value')
    const toPod = await api.post(`${podsPath}/one/binding`, {
      metadata: { name: 'one' },
      target: { kind: 'Pod', name: 'n1' },
    })
    assert.equal(
      toPod.body.message,
      'Binding "one" is invalid: target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"',
    )
    assert.equal((await api.bind(`${podsPath}/nobody`)).code, 404)
  })
})

describe('a binding', () => {
  const target = { kind: 'Node', name: 'n1' }

  async function bind(api: TestApi, metadata: object | undefined) {
    const { code, body } = await api.post(`${podsPath}/one/binding`, { metadata, target })
    return { code, message: textOf(body.message) }
  }

  it('means one pod, in one version', async () => {
    using api = await TestApi.start()
    const made = (await api.post(podsPath, podBody('one'))).body.metadata
    assert.deepEqual(await bind(api, { name: 'one', uid: 'other' }), {
      code: 409,
      message: `Operation cannot be fulfilled on pods "one": Precondition failed: UID in precondition: other, UID in object meta: ${textOf(made?.uid)}`,
    })
    assert.deepEqual(await bind(api, { name: 'one', resourceVersion: '1' }), {
      code: 409,
      message: `Operation cannot be fulfilled on pods "one": Precondition failed: ResourceVersion in precondition: 1, ResourceVersion in object meta: ${textOf(made?.resourceVersion)}`,
    })
    for (const metadata of [{ name: 'two' }, { name: '' }, { uid: made?.uid }, undefined]) {
      assert.deepEqual(await bind(api, metadata), {
        code: 400,
        message: 'name in URL does not match name in Binding object',
      })
    }
    const { uid, resourceVersion } = made ?? {}
    assert.equal((await bind(api, { name: 'one', uid, resourceVersion })).code, 201)
  })

  it('is read as strictly as any body, and leaves nothing in the pod that cannot be there', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, podBody('one'))
    const numbered = await bind(api, { name: 'one', annotations: { a: 1 } })
    assert.equal(numbered.code, 400)
    assert.match(
      numbered.message,
      /^Binding in version "v1" cannot be handled as a Binding: json: /,
    )
    const strict = await api.post(`${podsPath}/one/binding?fieldValidation=Strict`, {
      metadata: { name: 'one' },
      target,
      foo: 1,
    })
    assert.equal(
      strict.body.message,
      'Binding in version "v1" cannot be handled as a Binding: strict decoding error: unknown field "foo"',
    )
    assert.equal((await bind(api, { name: 'one', annotations: { a: '1' } })).code, 201)
    const { metadata } = (await api.get(`${podsPath}/one`)).body
    assert.deepEqual(metadata?.annotations, { a: '1' })
  })

  it('may be made beside the pod that it is named after, as older schedulers do', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, podBody('one'))
    const bindings = '/api/v1/namespaces/default/bindings'
    const post = async (metadata: object, query = '') => {
      const { code, body } = await api.post(`${bindings}${query}`, { metadata, target })
      return { code, message: textOf(body.message) }
    }
    const nodeName = async () => (await api.get(`${podsPath}/one`)).body.spec?.nodeName
    assert.deepEqual(await post({}), { code: 400, message: 'Name parameter required.' })
    assert.deepEqual(await post({ name: 'none' }), {
      code: 404,
      message: 'pods "none" not found',
    })
    assert.equal((await post({ name: 'one', namespace: 'other' })).code, 400)
    assert.equal((await post({ name: 'one' }, '?dryRun=All')).code, 201)
    assert.equal(await nodeName(), undefined)
    assert.equal((await post({ name: 'one' })).code, 201)
    assert.equal(await nodeName(), 'n1')
    assert.deepEqual(await post({ name: 'one' }), {
      code: 409,
      message:
        'Operation cannot be fulfilled on pods/binding "one": pod one is already assigned to node "n1"',
    })
    assert.equal((await api.get(bindings)).code, 405)
  })

  it('counts no generation before 1.34', async () => {
    using api = await TestApi.start({ kubeVersion: '1.33' })
    await api.post(podsPath, podBody('one'))
    await bind(api, { name: 'one' })
    const [condition] = listOf((await api.get(`${podsPath}/one`)).body.status?.conditions)
    assert.equal(condition?.status, 'True')
    assert.equal(condition?.observedGeneration, undefined)
  })
})

describe('log', () => {
  it('streams what the node has, as plain text', async () => {
    const asked: Asked[] = []
    using api = await withPods(asked)
    const { headers, text } = await api.get(
      `${podsPath}/one/log?follow=true&tailLines=5&timestamps=true&sinceSeconds=9`,
    )
    assert.equal(headers.get('content-type'), 'text/plain')
    assert.equal(text, 'hello\n')
    assert.deepEqual(asked, [
      {
        what: 'logs',
        container: 'main',
        options: {
          follow: true,
          previous: false,
          timestamps: true,
          tailLines: 5,
          sinceSeconds: 9,
        },
      },
    ])
  })

  it('asks which container is meant, and knows which there are', async () => {
    using api = await withPods()
    const unclear = await api.get(`${podsPath}/two/log`)
    assert.equal(unclear.code, 400)
    assert.equal(
      unclear.body.message,
      'a container name must be specified for pod two, choose one of: [a b]',
    )
    const wrong = await api.get(`${podsPath}/two/log?container=c`)
    assert.equal(wrong.body.message, 'container c is not valid for pod two')
    assert.equal((await api.get(`${podsPath}/two/log?container=b`)).text, 'hello\n')
  })

  it("passes the node's refusal on, and checks numbers itself", async () => {
    using api = await withPods()
    const previous = await api.get(`${podsPath}/one/log?previous=true`)
    assert.equal(previous.code, 400)
    assert.match(textOf(previous.body.message), /^previous terminated container "main"/)
    for (const [query, message] of [
      ['tailLines=-1', 'tailLines: Invalid value: -1: must be greater than or equal to 0'],
      [
        'sinceSeconds=0&limitBytes=0',
        '[limitBytes: Invalid value: 0: must be greater than 0, sinceSeconds: Invalid value: 0: must be greater than 0]',
      ],
      [
        'sinceSeconds=5&sinceTime=2026-01-02T03:04:05Z',
        '[]: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
      ],
      ['stream=Stderr', 'stream: Forbidden: may not be specified'],
    ] as const) {
      const { code, body } = await api.get(`${podsPath}/one/log?${query}`)
      assert.equal(code, 422)
      assert.equal(body.message, `PodLogOptions "one" is invalid: ${message}`)
    }
    assert.equal((await api.get(`${podsPath}/one/log?tailLines=x`)).code, 400)
    const noTime = await api.get(`${podsPath}/one/log?sinceTime=yesterday`)
    assert.equal(noTime.code, 400)
    assert.match(textOf(noTime.body.message), /^parsing time "yesterday" as /)
  })

  it('is empty before the pod has a node, and 503 without one', async () => {
    using api = await withPods()
    assert.equal((await api.get(`${podsPath}/unplaced/log`)).text, '')
    using lonely = await TestApi.start()
    await lonely.post(podsPath, podBody('one'))
    await lonely.bind(`${podsPath}/one`)
    assert.equal((await lonely.get(`${podsPath}/one/log`)).code, 503)
  })
})

describe('exec, attach and port-forward', () => {
  async function upgrade(api: TestApi, path: string) {
    const outcome = await api.api.upgrade(new Request(`http://podfit${path}`), { user: admin })
    switch (outcome.kind) {
      case 'passOn':
        return outcome.url.pathname
      case 'watch':
        return assert.fail('a watch')
      case 'answer':
        return outcome.response.status
      default:
        return outcome satisfies never
    }
  }

  it('lead to where the node says', async () => {
    const asked: Asked[] = []
    using api = await withPods(asked)
    assert.equal(await upgrade(api, `${podsPath}/one/exec?command=ls`), '/exec/token')
    assert.equal(await upgrade(api, `${podsPath}/two/attach?container=b`), '/attach/token')
    assert.equal(await upgrade(api, `${podsPath}/two/portforward`), '/portForward/token')
    assert.deepEqual(
      asked.map(({ container }) => container),
      ['main', 'b', undefined],
    )
  })

  it('are refused as the plain request would be', async () => {
    using api = await withPods()
    assert.equal(await upgrade(api, `${podsPath}/two/exec`), 400)
    assert.equal(await upgrade(api, `${podsPath}/nobody/exec`), 404)
    assert.equal(await upgrade(api, `${podsPath}/unplaced/exec`), 400)
    assert.equal(await upgrade(api, `${podsPath}/one/log`), 400)
    assert.equal(await upgrade(api, '/api/v1/namespaces/default/configmaps/a'), 400)
    const unknown = await api.api.upgrade(new Request(`http://podfit${podsPath}/one/exec`))
    assert.equal(unknown.kind === 'answer' && unknown.response.status, 401)
    const plain = await api.get(`${podsPath}/one/exec?command=ls`)
    assert.equal(plain.code, 400)
    assert.equal(plain.body.message, 'Upgrade request required')
  })
})

describe('a pod with scheduling gates', () => {
  it('says so until they are gone, and takes no node before', async () => {
    using api = await TestApi.start()
    const gated = podBody('gated') as { spec: Record<string, unknown> }
    gated.spec['schedulingGates'] = [{ name: 'quota' }, { name: 'image' }]
    const made = await api.post(podsPath, gated)
    const [condition] = listOf(made.body['status']?.['conditions'])
    assert.equal(textOf(condition?.['reason']), 'SchedulingGated')
    const path = `${podsPath}/gated`
    const placed = await api.patch(path, { spec: { nodeName: 'n1' } })
    assert.equal(placed.code, 422)
    const more = await api.patch(path, { spec: { schedulingGates: [{ name: 'new' }] } })
    assert.equal(more.code, 422)
    assert.match(more.text, /spec.schedulingGates\[\d\].name: Forbidden: only deletion is allowed/)
    const bound = await api.bind(path)
    assert.equal(bound.code, 409)
    assert.equal(
      bound.body.message,
      'Operation cannot be fulfilled on pods/binding "gated": pod gated has non-empty .spec.schedulingGates',
    )
    const spec = { schedulingGates: [{ $patch: 'delete', name: 'quota' }] }
    const fewer = await api.patch(path, { spec })
    assert.deepEqual(fewer.body['spec']?.['schedulingGates'], [{ name: 'image' }])
  })
})

describe('a pod that asks for what is not there', () => {
  it('is refused under the name that its client gives it, made or not', async () => {
    using api = await TestApi.start()
    const spec = podBody('a')['spec'] as object
    const told = async (metadata: object, asked: object) => {
      const { code, body } = await api.post(podsPath, { metadata, spec: { ...spec, ...asked } })
      return [code, body.message]
    }
    const kata = { runtimeClassName: 'kata' }
    const noRuntime = 'is forbidden: pod rejected: RuntimeClass "kata" not found'
    assert.deepEqual(await told({ name: 'a' }, kata), [403, `pods "a" ${noRuntime}`])
    assert.deepEqual(await told({ generateName: 'a-' }, kata), [403, `pods "a-" ${noRuntime}`])
    assert.deepEqual(await told({}, kata), [403, `pods "Unknown" ${noRuntime}`])
    const noClass = 'is forbidden: no PriorityClass with name high was found'
    const high = { priorityClassName: 'high', ...kata }
    assert.deepEqual(await told({ generateName: 'a-' }, high), [403, `pods "a-" ${noClass}`])
    const bot = { serviceAccountName: 'bot', ...high }
    const noAccount =
      'is forbidden: error looking up service account default/bot: serviceaccount "bot" not found'
    assert.deepEqual(await told({ generateName: 'a-' }, bot), [403, `pods "a-" ${noAccount}`])
  })
})
