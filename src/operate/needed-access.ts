/** One thing that podfit asks of the API server. */
export interface Access {
  readonly verb: string
  /** `pods/resize` */
  readonly resource: string
  /** Asked for without a namespace. */
  readonly clusterWide: boolean
  /** Without it there is no resizing; otherwise something is only not seen. */
  readonly required: boolean
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
  return [
    { ...here, verb: 'get', resource: 'pods', use: 'read a pod' },
    { ...here, verb: 'list', resource: 'pods', use: 'choose pods by -l' },
    { ...here, verb: 'watch', resource: 'pods', use: 'follow a resize' },
    { ...here, verb: 'patch', resource: hasResize ? 'pods/resize' : 'pods', use: 'resize' },
    { ...seen, clusterWide: false, verb: 'list', resource: 'events', use: 'explain what happened' },
    { ...seen, verb: 'get', resource: 'nodes', use: 'know the room on a node' },
    { ...seen, verb: 'list', resource: 'nodes', use: 'check every node' },
    { ...seen, verb: 'list', resource: 'pods', use: 'know who holds the room on a node' },
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

/** The smallest Role and ClusterRole that grant `missing`; none for nothing. */
export function missingRoles(missing: readonly Access[], namespace: string): readonly RoleObject[] {
  const role = (clusterWide: boolean): readonly RoleObject[] => {
    const own = missing.filter((access) => access.clusterWide === clusterWide)
    if (own.length === 0) return []
    const byResource = Map.groupBy(own, ({ resource }) => resource)
    return [
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: clusterWide ? 'ClusterRole' : 'Role',
        metadata: { name: 'podfit', ...(clusterWide ? {} : { namespace }) },
        rules: [...byResource].map(([resource, all]) => ({
          apiGroups: [''],
          resources: [resource],
          verbs: all.map(({ verb }) => verb),
        })),
      },
    ]
  }
  return [...role(false), ...role(true)]
}
