import { invalid, required, type FieldError } from '../../domain/field-error.ts'
import { asJson, type KubeObject } from '../kube-object.ts'
import type { JsonObject, JsonValue } from '../schema/json-value.ts'
import { hasValue, numberAt, objectAt } from '../schema/read-json.ts'
import { sameJson } from '../schema/same-json.ts'

/** The fields that stay, by the core group's names. */
const immutable =
  'involvedObject reason message source firstTimestamp lastTimestamp count type eventTime action ' +
  'related reportingComponent reportingInstance'

/**
 * What an update through events.k8s.io may not do, besides what no event may be: of an event
 * that has happened only the series goes on. Both in the core group's form.
 *
 * @see Kubernetes pkg/apis/core/validation/events.go, ValidateEventUpdate
 */
export function validateEventUpdate(before: KubeObject, after: KubeObject): readonly FieldError[] {
  const [old, now] = [asJson(before), asJson(after)]
  return [
    ...(sameJson(old['series'], now['series']) ? [] : checkSeries(now)),
    ...immutable.split(' ').flatMap((field) => {
      if (sameJson(settled(old[field]), settled(now[field]))) return []
      const shown = field.replace('Component', 'Controller')
      return [invalid(shown, now[field] ?? null, 'field is immutable')]
    }),
  ]
}

function checkSeries(event: JsonObject): readonly FieldError[] {
  const series = objectAt(event, 'series')
  if (series === undefined) return []
  return [
    ...(numberAt(series, 'count') < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(hasValue(series, 'lastObservedTime') ? [] : [required('series.lastObservedTime')]),
  ]
}

/** No value is the same as null; and some clients write times to the nanosecond. */
function settled(value: JsonValue | undefined): JsonValue {
  return typeof value === 'string' ? value.replace(/(\.\d{6})\d+Z$/, '$1Z') : (value ?? null)
}
