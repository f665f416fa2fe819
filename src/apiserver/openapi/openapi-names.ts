const packages: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta',
  metrics: 'io.k8s.metrics.pkg.apis.metrics',
}

/** Scalars that Kubernetes' documents define once and refer to. */
export const sharedScalars: Readonly<Record<string, string>> = {
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  microTime: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  time: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
}

/** `io.k8s.api.core.v1.Pod` for `core/v1.Pod`: the name in Kubernetes' OpenAPI documents. */
export function openApiName(typeName: string): string {
  const [group = '', rest = ''] = typeName.split('/')
  return `${packages[group] ?? `io.k8s.api.${group}`}.${rest}`
}

export function reference(name: string): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` }
}
