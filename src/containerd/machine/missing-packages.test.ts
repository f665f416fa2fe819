import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isStatic } from './missing-packages.ts'

test('what is linked dynamically is not static', () => {
  assert.equal(isStatic(readFileSync('/bin/ls')), false)
})

test('what is no ELF file is not static', () => {
  assert.equal(isStatic(Buffer.from('#!/bin/sh\n')), false)
})

test('an ELF file without an interpreter is static', () => {
  const elf = Buffer.alloc(64 + 56)
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1])
  elf.writeBigUInt64LE(64n, 32)
  elf.writeUInt16LE(56, 54)
  elf.writeUInt16LE(1, 56)
  elf.writeUInt32LE(1, 64)
  assert.equal(isStatic(elf), true)
  elf.writeUInt32LE(3, 64)
  assert.equal(isStatic(elf), false)
})
