import { environmentOf } from '../../domain/lifecycle/environment.ts'
import { rootRefusal } from '../../domain/security.ts'
import type { Container, Pod } from '../../domain/pod.ts'
import { containerConfig } from '../containers/container-config.ts'
import { containerMounts } from '../containers/container-mounts.ts'
import { createResources } from '../containers/linux-resources.ts'
import type { NodeContext } from '../node-context.ts'
import type { ContainerConfig } from '../runtime/runtime-container.ts'
import { podIPsOf, sourcesOf } from '../containers/sources.ts'
import { StartError } from './start-error.ts'
import { unlessLeaving } from './unless-leaving.ts'

/**
 * Gathers what a container is created with: image, environment, mounts, files.
 *
 * @throws StartError with Kubernetes' reason for the first thing that is not there.
 */
export async function startInputs(
  context: NodeContext,
  pod: Pod,
  container: Container,
  attempt: number,
): Promise<ContainerConfig> {
  const { cgroups, images, objects, volumes, instance, machine, seccompDir } = context
  const ensured = images.ensure(pod, container, objects.lookUp(pod))
  const image = await unlessLeaving(context, pod, ensured)
  const refused = rootRefusal(pod, container, image)
  if (refused !== undefined) throw configError(new Error(refused))
  const environment = environmentOf(container, sourcesOf(context, pod))
  if (environment.kind === 'missing') throw configError(new Error(environment.message))
  const { variables } = environment
  const podIPs = podIPsOf(context, pod)
  const mounts = await containerMounts(pod, container, {
    volumes,
    attempt,
    podIPs,
    variables,
  }).catch((error: unknown) => {
    throw configError(error)
  })
  const resources = createResources(pod.spec, container, machine.memory, cgroups.memoryPolicy())
  return containerConfig(pod, container, {
    attempt,
    instance,
    resources,
    variables,
    mounts,
    seccompDir,
  })
}

function configError(cause: unknown): StartError {
  return new StartError('CreateContainerConfigError', cause)
}
