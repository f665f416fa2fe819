/** metrics.k8s.io/v1beta1, which is no part of the client's models. Same form as the generated table. */
export const metricsTypes: Readonly<Record<string, string>> = {
  'metrics/v1beta1.ContainerMetrics': 'name!=string usage!=map:quantity',
  'metrics/v1beta1.NodeMetrics':
    'apiVersion=string kind=string metadata=meta/v1.ObjectMeta timestamp!=time window!=string usage!=map:quantity',
  'metrics/v1beta1.NodeMetricsList':
    'apiVersion=string items!=[]metrics/v1beta1.NodeMetrics kind=string metadata=meta/v1.ListMeta',
  'metrics/v1beta1.PodMetrics':
    'apiVersion=string kind=string metadata=meta/v1.ObjectMeta timestamp!=time window!=string containers!=[]metrics/v1beta1.ContainerMetrics',
  'metrics/v1beta1.PodMetricsList':
    'apiVersion=string items!=[]metrics/v1beta1.PodMetrics kind=string metadata=meta/v1.ListMeta',
}
