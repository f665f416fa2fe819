/** One thing that podfit asks of the API server. */
export interface Access {
  readonly verb: string
  /** @default the core group */
  readonly group?: string
  /** `pods/resize` */
  readonly resource: string
  /** Asked for without a namespace. */
  readonly clusterWide: boolean
  /** Without it there is no resizing; otherwise something is only not seen. */
  readonly required: boolean
  /** It lets its owner do much more: it gets a role of its own, to be granted with care. */
  readonly powerful?: boolean
  /** What for, after "needed to". */
  readonly use: string
}

/** An access with the server's answer; undefined where it cannot be asked. */
export interface AskedAccess extends Access {
  readonly allowed: boolean | undefined
}

/** Everything that the verbs need, the most needed first. */
export function neededAccess(hasResize: boolean): readonly Access[] {
  const here = { clusterWide: false, required: true }
  const seen = { clusterWide: true, required: false }
  const inside = { ...seen, clusterWide: false, resource: 'pods/exec', powerful: true }
  const metrics = { ...seen, clusterWide: false, group: 'metrics.k8s.io', resource: 'pods' }
  return [
    { ...here, verb: 'get', resource: 'pods', use: 'read a pod' },
    { ...here, verb: 'list', resource: 'pods', use: 'choose pods by -l' },
    { ...here, verb: 'watch', resource: 'pods', use: 'follow a resize' },
    { ...here, verb: 'patch', resource: hasResize ? 'pods/resize' : 'pods', use: 'resize' },
    { ...seen, clusterWide: false, verb: 'list', resource: 'events', use: 'explain what happened' },
    { ...seen, verb: 'get', resource: 'nodes', use: 'know the room on a node' },
    { ...seen, verb: 'list', resource: 'nodes', use: 'check every node' },
    { ...seen, verb: 'list', resource: 'pods', use: 'know who holds the room on a node' },
    { ...metrics, verb: 'list', use: 'show what pods use' },
    // Over a WebSocket the verb is get, from 1.35 on create besides.
    { ...inside, verb: 'get', use: 'verify the kernel from inside containers' },
    { ...inside, verb: 'create', use: 'verify the kernel from inside containers' },
    {
      ...seen,
      verb: 'get',
      resource: 'nodes/proxy',
      powerful: true,
      use: "know the kubelets' policies and cgroup versions",
    },
  ]
}

export interface RoleObject {
  readonly apiVersion: 'rbac.authorization.k8s.io/v1'
  readonly kind: 'Role' | 'ClusterRole'
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly rules: readonly {
    readonly apiGroups: readonly string[]
    readonly resources: readonly string[]
    readonly verbs: readonly string[]
  }[]
}

/**
 * The smallest Roles and ClusterRoles that grant `missing`; none for nothing. What lets its
 * owner do much more is in roles of its own.
 */
export function missingRoles(missing: readonly Access[], namespace: string): readonly RoleObject[] {
  const role = (clusterWide: boolean, powerful: boolean): readonly RoleObject[] => {
    const own = missing.filter(
      (access) => access.clusterWide === clusterWide && (access.powerful ?? false) === powerful,
    )
    if (own.length === 0) return []
    const byResource = Map.groupBy(own, ({ group = '', resource }) => `${group}/${resource}`)
    return [
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: clusterWide ? 'ClusterRole' : 'Role',
        metadata: {
          name: powerful ? 'podfit-kernel' : 'podfit',
          ...(clusterWide ? {} : { namespace }),
        },
        rules: [...byResource.values()].map((all) => ({
          apiGroups: [all[0]?.group ?? ''],
          resources: [all[0]?.resource ?? ''],
          verbs: all.map(({ verb }) => verb),
        })),
      },
    ]
  }
  return [role(false, false), role(true, false), role(false, true), role(true, true)].flat()
}
