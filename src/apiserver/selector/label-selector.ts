import {
  isLabelKey,
  isLabelValue,
  labelKeyProblems,
  labelValueProblems,
} from '../../domain/labels/label-syntax.ts'
import { scanSelector, type Token } from './selector-tokens.ts'

export type Labels = Readonly<Record<string, string>>

/** One condition on one label. `values` has exactly one for all operators but the set ones. */
export type LabelRequirement =
  | { readonly kind: 'exists' | 'notExists'; readonly key: string }
  | {
      readonly kind: 'in' | 'notIn'
      readonly key: string
      readonly values: ReadonlySet<string>
    }
  | { readonly kind: 'greater' | 'less'; readonly key: string; readonly value: bigint }

/** All must hold; none means that everything matches. */
export type LabelSelector = readonly LabelRequirement[]

export type ParsedLabelSelector =
  | { readonly kind: 'selector'; readonly selector: LabelSelector }
  | { readonly kind: 'invalid'; readonly message: string }

/** Ends the parser's recursion; caught in parseLabelSelector. */
class SelectorProblem extends Error {}

/**
 * Reads a label selector as kube-apiserver does: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`.
 * An empty text selects everything. Errors carry kube-apiserver's text.
 */
export function parseLabelSelector(text: string): ParsedLabelSelector {
  try {
    return { kind: 'selector', selector: parseRequirements(new TokenReader(scanSelector(text))) }
  } catch (error) {
    if (error instanceof SelectorProblem) return { kind: 'invalid', message: error.message }
    throw error
  }
}

class TokenReader {
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** The next token; the last one, `end`, repeats. */
  peek(): Token {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)] ?? { kind: 'end', text: '' }
  }

  take(): Token {
    const token = this.peek()
    this.#next += 1
    return token
  }
}

function isIdentifier(token: Token): boolean {
  return token.kind === 'identifier' || token.text === 'in' || token.text === 'notin'
}

function parseRequirements(reader: TokenReader): LabelSelector {
  const requirements: LabelRequirement[] = []
  if (reader.peek().kind === 'end') return requirements
  for (;;) {
    const start = reader.peek()
    if (!isIdentifier(start) && start.text !== '!') {
      const wanted =
        requirements.length === 0 ? "!, identifier, or 'end of string'" : "identifier after ','"
      throw new SelectorProblem(`found '${start.text}', expected: ${wanted}`)
    }
    requirements.push(parseRequirement(reader))
    const next = reader.take()
    if (next.kind === 'end') return requirements
    if (next.text !== ',') {
      throw new SelectorProblem(`found '${next.text}', expected: ',' or 'end of string'`)
    }
  }
}

function unparsable(message: string): SelectorProblem {
  return new SelectorProblem(`unable to parse requirement: ${message}`)
}

function parseRequirement(reader: TokenReader): LabelRequirement {
  const negated = reader.peek().text === '!' && reader.peek().kind === 'symbol'
  if (negated) reader.take()
  const name = reader.take()
  if (!isIdentifier(name)) throw unparsable(`found '${name.text}', expected: identifier`)
  const key = name.text
  if (!isLabelKey(key)) throw unparsable(invalidText('<nil>', key, labelKeyProblems(key)))
  const after = reader.peek()
  if (after.kind === 'end' || after.text === ',') {
    return { kind: negated ? 'notExists' : 'exists', key }
  }
  if (negated) throw unparsable(`found '${after.text}', expected: ',' or 'end of string'`)
  return parseComparison(reader, key)
}

const binaryOperators = 'in, notin, =, ==, !=, gt, lt'

function parseComparison(reader: TokenReader, key: string): LabelRequirement {
  const operator = reader.take().text
  switch (operator) {
    case 'in':
      return { kind: 'in', key, values: checkValues(key, parseValues(reader)) }
    case 'notin':
      return { kind: 'notIn', key, values: checkValues(key, parseValues(reader)) }
    case '=':
    case '==':
      return { kind: 'in', key, values: checkValues(key, [parseExactValue(reader)]) }
    case '!=':
      return { kind: 'notIn', key, values: checkValues(key, [parseExactValue(reader)]) }
    case '>':
      return { kind: 'greater', key, value: parseWhole(parseExactValue(reader)) }
    case '<':
      return { kind: 'less', key, value: parseWhole(parseExactValue(reader)) }
    default:
      throw unparsable(`found '${operator}', expected: ${binaryOperators}`)
  }
}

function parseExactValue(reader: TokenReader): string {
  const next = reader.peek()
  if (next.kind === 'end' || next.text === ',') return ''
  if (!isIdentifier(next)) throw unparsable(`found '${next.text}', expected: identifier`)
  return reader.take().text
}

/** `(a,b)`; empty places between the commas stand for the empty value. */
function parseValues(reader: TokenReader): readonly string[] {
  const open = reader.take()
  if (open.text !== '(') throw unparsable(`found '${open.text}' expected: '('`)
  const values: string[] = []
  for (;;) {
    const first = reader.peek()
    values.push(isIdentifier(first) ? reader.take().text : '')
    const next = reader.take()
    if (next.text === ')') return values
    if (next.text !== ',') {
      const wanted = isIdentifier(first) ? "',' or ')'" : "',', ')' or identifier"
      throw unparsable(`found '${next.text}', expected: ${wanted}`)
    }
  }
}

function checkValues(key: string, values: readonly string[]): ReadonlySet<string> {
  for (const [index, value] of values.entries()) {
    if (isLabelValue(value)) continue
    throw unparsable(invalidText(`values[${index}][${key}]`, value, labelValueProblems(value)))
  }
  return new Set(values)
}

function parseWhole(text: string): bigint {
  if (/^[+-]?\d+$/.test(text)) return BigInt(text)
  const why = "for 'Gt', 'Lt' operators, the value must be an integer"
  throw unparsable(invalidText('values[0]', text, why))
}

function invalidText(field: string, value: string, why: string): string {
  return `${field}: Invalid value: ${JSON.stringify(value)}: ${why}`
}

/** Whether `labels` fulfil every requirement. A missing label fulfils `!=` and `notin`. */
export function matchesLabels(selector: LabelSelector, labels: Labels | undefined): boolean {
  return selector.every((requirement) => fulfils(requirement, labels ?? {}))
}

function fulfils(requirement: LabelRequirement, labels: Labels): boolean {
  const { key } = requirement
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (requirement.kind) {
    case 'exists':
      return value !== undefined
    case 'notExists':
      return value === undefined
    case 'in':
      return value !== undefined && requirement.values.has(value)
    case 'notIn':
      return value === undefined || !requirement.values.has(value)
    case 'greater':
      return isWhole(value) && BigInt(value) > requirement.value
    case 'less':
      return isWhole(value) && BigInt(value) < requirement.value
    default:
      return requirement satisfies never
  }
}

function isWhole(value: string | undefined): value is string {
  return value !== undefined && /^-?\d+$/.test(value)
}
