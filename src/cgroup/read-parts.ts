import type { PartialReading } from '../domain/cgroup/knobs.ts'
import { CgroupError } from './cgroup-error.ts'

/** A file that could not be read, with the reason for people. */
export interface FileProblem {
  readonly file: string
  readonly why: string
}

export interface PartsRead {
  readonly reading: PartialReading
  readonly problems: readonly FileProblem[]
}

/**
 * What those of `parts` give that can be read.
 *
 * @throws CgroupError `notFound` if each fails with it: then the cgroup is gone.
 */
export function readParts(parts: readonly (() => PartialReading)[]): PartsRead {
  const errors: CgroupError[] = []
  const readings = parts.map((part) => {
    try {
      return part()
    } catch (error) {
      if (!(error instanceof CgroupError)) throw error
      errors.push(error)
      return {}
    }
  })
  const reading: PartialReading = Object.assign({}, ...readings)
  const [first] = errors
  const isGone =
    Object.keys(reading).length === 0 && errors.every(({ code }) => code === 'notFound')
  if (first !== undefined && isGone) throw first
  const problems = errors.map(({ file = '', message }) => ({ file, why: message }))
  return { reading, problems }
}
