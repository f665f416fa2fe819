import { errorCode } from '../../domain/error-code.ts'

/** What was asked about one id: how many wait for an answer, and the newest question that has one. */
interface Asked {
  open: number
  answered: number
}

/** Asks about things by their ids, and lets no answer take the place of one to a later question. */
export class LatestAnswers {
  readonly #asked = new Map<string, Asked>()
  #questions = 0

  /**
   * The answer, without a status if what it is about is gone (error `notFound`); undefined if
   * a later question was answered before.
   */
  async ask<T>(
    id: string,
    ask: () => Promise<T>,
  ): Promise<{ readonly status: T | undefined } | undefined> {
    const question = (this.#questions += 1)
    const asked = this.#asked.get(id) ?? { open: 0, answered: 0 }
    this.#asked.set(id, asked)
    asked.open += 1
    try {
      const status = await ask().catch(undefinedIfNotFound)
      if (question < asked.answered) return undefined
      asked.answered = question
      return { status }
    } finally {
      asked.open -= 1
      if (asked.open === 0) this.#asked.delete(id)
    }
  }
}

function undefinedIfNotFound(error: unknown): undefined {
  if (errorCode(error) === 'notFound') return undefined
  throw error
}
