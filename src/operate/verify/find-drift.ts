import type { Finding } from '../findings/finding.ts'
import type { DriftQuestion } from './drift-question.ts'
import { findUnseen } from './find-unseen.ts'
import { findUnsettled } from './find-unsettled.ts'
import { findWrongFiles } from './find-wrong-files.ts'

/** Everything that is not as it should be: the resize itself first, then the API, then the kernel. */
export function findDrift(question: DriftQuestion): readonly Finding[] {
  return [...findUnsettled(question), ...findUnseen(question), ...findWrongFiles(question)]
}
