/** A URI's or a Via's host as a socket has it: an IPv6 address without its brackets. */
export function plainHost(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
