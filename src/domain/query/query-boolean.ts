/** How Kubernetes reads a boolean of a query: present and not `false` (in any case) or `0`. */
export function isTrue(text: string | null): boolean {
  return text !== null && text.toLowerCase() !== 'false' && text !== '0'
}
