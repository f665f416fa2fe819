/**
 * Whether a label, undefined where it is missing, meets one of the four operators that all of
 * Kubernetes' selectors have. An unknown operator is met by nothing.
 */
export function meetsRequirement(
  { operator, values = [] }: { readonly operator: string; readonly values?: readonly string[] },
  label: string | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return label !== undefined && values.includes(label)
    case 'NotIn':
      return label === undefined || !values.includes(label)
    case 'Exists':
      return label !== undefined
    case 'DoesNotExist':
      return label === undefined
    default:
      return false
  }
}
