import type { Command } from 'commander'
import { parseSizeRequest, type SizeRequest } from '../../domain/resize/request/size-request.ts'
import type { PartWanted } from '../../operate/resize/chosen-part.ts'
import { usageError } from '../cli-error.ts'

/** Flags that say which size of a pod changes, and to what. */
export interface SizeFlags extends PartWanted {
  readonly cpu?: SizeRequest
  readonly memory?: SizeRequest
}

/** Reads `--cpu` and `--memory`: `500m:1`, `+20%`, `:2Gi`. */
function parseSize(resource: 'cpu' | 'memory'): (text: string) => SizeRequest {
  return (text) => {
    const parsed = parseSizeRequest(text, resource)
    if (parsed.kind === 'refused') throw usageError(parsed.message)
    return parsed.wanted
  }
}

export function addSizeFlags(command: Command): Command {
  return command
    .option('-c, --container <name>', 'container, where a pod has several')
    .option('--pod-level', "the pod's own size (spec.resources) instead of a container's")
    .option('--cpu <req[:lim]>', 'CPU request and limit', parseSize('cpu'))
    .option('--memory <req[:lim]>', 'memory request and limit', parseSize('memory'))
}

/**
 * What is asked for.
 *
 * @throws CliError (usage) if that is nothing, or of both a container and the pod itself.
 */
export function requestsIn(verb: string, flags: SizeFlags): readonly SizeRequest[] {
  if (flags.podLevel === true && flags.container !== undefined) {
    throw usageError(
      `Cannot ${verb} a container and the pod itself at once: give -c or --pod-level`,
    )
  }
  return [flags.cpu, flags.memory].filter((request) => request !== undefined)
}
