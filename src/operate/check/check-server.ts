import { atLeast, type KubeVersion, parseKubeVersion } from '../../domain/kube-version.ts'
import { type Check, error, ok, warning } from './check.ts'
import type { ServerFacts } from './server-facts.ts'

/** Whether the API server takes resizes, and by which way. */
export function serverChecks({
  server,
  gitVersion,
  answeredInMs,
  verbs,
}: ServerFacts): readonly Check[] {
  const version = parseKubeVersion(gitVersion)
  return [
    ok(`${server} answers in ${Math.max(1, Math.round(answeredInMs))} ms`),
    versionCheck(gitVersion, version),
    resizeCheck(verbs, version),
    ...(version !== undefined && atLeast(version, '1.33') && !atLeast(version, '1.34')
      ? [warning('status.observedGeneration is not kept', 'podfit waits for conditions and sizes')]
      : []),
  ]
}

function versionCheck(gitVersion: string, version: KubeVersion | undefined): Check {
  if (version === undefined) {
    return error(
      `Kubernetes ${gitVersion || 'of an unknown version'} cannot resize in place`,
      'in-place resize came with 1.27 (alpha) and is on by default from 1.33',
    )
  }
  if (atLeast(version, '1.33')) return ok(`Kubernetes ${gitVersion} resizes in place by default`)
  return warning(
    `Kubernetes ${gitVersion} resizes in place only with a feature gate`,
    'enable InPlacePodVerticalScaling on API server and kubelets, or upgrade to 1.33',
  )
}

function resizeCheck(verbs: ServerFacts['verbs'], version: KubeVersion | undefined): Check {
  if (verbs.get('pods/resize')?.includes('patch') === true) return ok('pods/resize is served')
  const old = version !== undefined && !atLeast(version, '1.32')
  return old
    ? warning(
        'pods/resize is not served',
        'podfit patches the pod itself, as Kubernetes before 1.32 has it',
      )
    : error('pods/resize is not served', 'the feature gate InPlacePodVerticalScaling is off')
}
