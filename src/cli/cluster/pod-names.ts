import { isObjectName } from '../../domain/labels/label-syntax.ts'
import { usageError } from '../cli-error.ts'

/**
 * The name in `NAME`, `pod/NAME`, `pods/NAME` or `po/NAME`.
 *
 * @throws CliError (usage) if it names another kind or cannot be a name.
 */
export function parsePodName(text: string): string {
  const [first = '', second, ...more] = text.split('/')
  const name = second ?? first
  if (second !== undefined && !['pod', 'pods', 'po'].includes(first.toLowerCase())) {
    throw usageError(
      `Cannot use '${text}': pods can be named, as NAME or pod/NAME, or one workload, such as deploy/NAME`,
    )
  }
  if (more.length > 0 || !isObjectName(name)) {
    throw usageError(
      `Cannot use '${text}' as the name of a pod: names have lower-case letters, digits, '-' and '.'`,
    )
  }
  return name
}
