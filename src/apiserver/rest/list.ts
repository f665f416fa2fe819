import { answerList } from '../answer/answer.ts'
import type { Call } from '../call.ts'
import { resourceId } from '../kind/kind.ts'
import { readListOptions, type ListOptions } from '../query/list-options.ts'
import { badRequest, expired, StatusError, versionTooLarge } from '../status-error.ts'
import type { Collection } from '../store/collection.ts'
import type { Stored } from '../store/stored.ts'
import { parseContinue, printContinue } from './continue-token.ts'
import { filterOf, type Filter } from './filter.ts'

/** One page of a list: where it begins and of which state it is. */
interface Page {
  readonly items: readonly Stored[]
  readonly version: number
  /** Exactly this state, so that the pages fit together. */
  readonly from: string
}

/** GET of a collection: all of it, or pages of `limit` that together show one state. */
export function listObjects(call: Call): Promise<Response> {
  const options = readListOptions(call.query)
  const filter = filterOf(call)
  const collection = call.server.store.collection(resourceId(call.target.kind))
  const page = pageOf(call, collection, filter, options)
  const rest = page.items.filter(
    (stored) => stored.key.slice(filter.prefix.length) >= page.from && filter.matches(stored),
  )
  const shown = options.limit > 0 ? rest.slice(0, options.limit) : rest
  const next = rest[shown.length]
  const resourceVersion = String(page.version)
  if (next === undefined) return answerList(call, shown, { resourceVersion })
  const start = next.key.slice(filter.prefix.length)
  return answerList(call, shown, {
    resourceVersion,
    continue: printContinue({ version: page.version, start }),
    ...(filter.selective ? {} : { remainingItemCount: rest.length - shown.length }),
  })
}

function pageOf(call: Call, collection: Collection, filter: Filter, options: ListOptions): Page {
  if (options.continueAt !== '') return continuedPage(call, collection, filter, options)
  const current = call.server.store.version
  if ((options.version ?? 0n) > current) throw versionTooLarge(options.version ?? 0n, current)
  const version = Number(options.version ?? 0n)
  if (version === 0 || !options.exact) {
    return { items: collection.list(filter.prefix), version: current, from: '' }
  }
  const items = collection.listAt(filter.prefix, version)
  if (items === undefined) {
    throw expired(`The resourceVersion for the provided list is too old.`)
  }
  return { items, version, from: '' }
}

function continuedPage(
  call: Call,
  collection: Collection,
  filter: Filter,
  options: ListOptions,
): Page {
  if ((options.version ?? 0n) !== 0n) {
    throw badRequest('specifying resource version is not allowed when using continue')
  }
  const token = parseContinue(options.continueAt)
  const current = call.server.store.version
  const base = { from: token.start }
  if (token.version < 0) {
    return { ...base, items: collection.list(filter.prefix), version: current }
  }
  if (token.version > current) throw badRequest('continue key is not valid: it is from the future')
  const items = collection.listAt(filter.prefix, token.version)
  if (items === undefined) throw new ExpiredContinue(token.start)
  return { ...base, items, version: token.version }
}

/** 410 with a token that goes on with the present state instead. */
class ExpiredContinue extends StatusError {
  readonly #start: string

  constructor(start: string) {
    super(
      410,
      'Expired',
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    )
    this.#start = start
  }

  override toStatus() {
    const token = printContinue({ version: -1, start: this.#start })
    return { ...super.toStatus(), metadata: { continue: token } }
  }
}
