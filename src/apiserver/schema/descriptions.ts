/**
 * What `kubectl explain` says, for the types and fields that matter to resizing. Keys are a
 * type, or a type and a field: `core/v1.Container.resizePolicy`.
 */
export const descriptions: Readonly<Record<string, string>> = {
  'core/v1.Pod': 'One or more containers that run together on one node and share its network.',
  'core/v1.Pod.metadata': 'Name, labels and what else every object has.',
  'core/v1.Pod.spec': 'What is wanted.',
  'core/v1.Pod.status': 'What the node has seen last. Written by the node, not by people.',
  'core/v1.PodSpec': 'What is wanted of a pod.',
  'core/v1.PodSpec.containers':
    'The containers of the pod, at least one. Their resources can be changed through the resize subresource while they run.',
  'core/v1.PodSpec.initContainers':
    'Containers that run one after the other before the others start. One with restartPolicy Always (a sidecar) goes on running beside them.',
  'core/v1.PodSpec.resources':
    'CPU and memory of the pod as a whole. Requests can be shared by its containers; limits bound all of them together. Can be changed through the resize subresource, not removed.',
  'core/v1.PodSpec.restartPolicy':
    'What happens when a container ends: Always (default), OnFailure or Never.',
  'core/v1.PodSpec.nodeName': 'The node that runs the pod. Set by the scheduler.',
  'core/v1.PodSpec.terminationGracePeriodSeconds':
    'Seconds from the request to stop until the containers are killed. Defaults to 30.',
  'core/v1.Container': 'One program that runs in the pod.',
  'core/v1.Container.name': 'Tells the container from the others in the pod; cannot be changed.',
  'core/v1.Container.image': 'The image to run.',
  'core/v1.Container.resources':
    'CPU and memory that the container asks for (requests) and may use at most (limits). CPU and memory can be changed through the resize subresource while it runs.',
  'core/v1.Container.resizePolicy':
    'Whether the container is restarted when its CPU or memory is resized. Without an entry for a resource it is not (NotRequired). Cannot be changed after creation.',
  'core/v1.Container.restartPolicy':
    'On an init container, Always makes it a sidecar: it keeps running beside the others.',
  'core/v1.ContainerResizePolicy': 'What a resize of one resource does to a running container.',
  'core/v1.ContainerResizePolicy.resourceName': 'The resource this is about: cpu or memory.',
  'core/v1.ContainerResizePolicy.restartPolicy':
    'NotRequired: try to resize without a restart. RestartContainer: restart the container to apply the new size.',
  'core/v1.ResourceRequirements': 'What is asked for, and the most that may be used.',
  'core/v1.ResourceRequirements.limits':
    'The most that may be used. A CPU limit throttles; going over a memory limit ends the container. Can be lowered and raised in place, not removed.',
  'core/v1.ResourceRequirements.requests':
    'What is set aside on the node. Where a limit is given and no request, the request equals the limit.',
  'core/v1.ResourceRequirements.claims':
    'Names of entries in spec.resourceClaims that the container uses. Cannot be changed in place.',
  'core/v1.PodStatus': 'What is known of a running pod.',
  'core/v1.PodStatus.phase': 'Pending, Running, Succeeded, Failed or Unknown.',
  'core/v1.PodStatus.conditions':
    'Facts about the pod. PodResizePending: a resize waits (reason Deferred) or cannot be done on this node (Infeasible). PodResizeInProgress: it is being done, or failed (Error).',
  'core/v1.PodStatus.observedGeneration':
    'The metadata.generation of the spec that this status is about.',
  'core/v1.PodStatus.resize':
    'State of a resize as Kubernetes before 1.33 told it; later ones use conditions.',
  'core/v1.PodStatus.resources': 'The CPU and memory that the pod as a whole has now.',
  'core/v1.PodStatus.allocatedResources':
    'The CPU and memory that the node has set aside for the pod as a whole.',
  'core/v1.PodStatus.qosClass':
    'Guaranteed, Burstable or BestEffort: follows from requests and limits, and a resize may not change it.',
  'core/v1.ContainerStatus': 'What is known of one container.',
  'core/v1.ContainerStatus.allocatedResources':
    'The requests that the node has set aside for the container: differs from the spec while a resize waits.',
  'core/v1.ContainerStatus.resources':
    'The CPU and memory that the container really has, as the runtime and the cgroup tell.',
  'core/v1.ContainerStatus.restartCount': 'How often the container was restarted.',
  'core/v1.Node': 'A machine that runs pods.',
  'core/v1.NodeStatus.capacity': 'What the machine has.',
  'core/v1.NodeStatus.allocatable':
    'What pods may have of it. A resize that asks for more than this is refused.',
  'core/v1.Namespace': 'A scope for names.',
  'core/v1.Event': 'Something that happened to an object.',
  'core/v1.ResourceQuota': 'A bound on what all pods of a namespace may ask for together.',
  'core/v1.LimitRange': 'Bounds and defaults for the resources of single pods and containers.',
  'core/v1.ConfigMap': 'Settings for pods, as keys and values.',
  'core/v1.Secret': 'Keys and values that are not for everybody.',
  'core/v1.Service': 'A name for a set of pods.',
  'core/v1.ServiceAccount': 'An identity for what runs in pods.',
  'core/v1.Binding': 'Ties a pod to a node.',
  'policy/v1.Eviction': 'Asks for a pod to leave its node.',
  'coordination/v1.Lease': 'Shows who holds something, and that it is still alive.',
  'scheduling/v1.PriorityClass': 'A name for a priority of pods.',
  'meta/v1.ObjectMeta.generation': 'Counts the changes of the spec.',
  'meta/v1.ObjectMeta.resourceVersion':
    'Changes with every write. Sent back in an update it makes sure that nobody wrote in between.',
}
