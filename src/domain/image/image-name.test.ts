import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fullImageName } from './image-name.ts'

const names: readonly (readonly [string, string])[] = [
  ['busybox', 'docker.io/library/busybox:latest'],
  ['busybox:1.35', 'docker.io/library/busybox:1.35'],
  ['me/app', 'docker.io/me/app:latest'],
  ['localhost/app', 'localhost/app:latest'],
  ['localhost:5000/app', 'localhost:5000/app:latest'],
  ['ghcr.io/me/app:v1', 'ghcr.io/me/app:v1'],
  ['me/app@sha256:00', 'docker.io/me/app@sha256:00'],
]

for (const [short, full] of names) {
  test(`${short} is ${full}`, () => assert.equal(fullImageName(short), full))
}
