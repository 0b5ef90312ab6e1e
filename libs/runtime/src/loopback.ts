/** Whether a request came from this machine itself, as `kubectl port-forward` and `kubectl exec` do. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}
