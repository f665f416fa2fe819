/** Milliseconds for a question: the runtime looks something up. */
export const question = 10_000

/** Milliseconds for a change of something that runs. */
export const change = 30_000

/** Milliseconds for what starts or ends processes, also when hundreds do at once. */
export const lifecycle = 120_000

/** Milliseconds for what takes as long as it takes: a pull, a command without a limit. */
export const patience = 600_000
