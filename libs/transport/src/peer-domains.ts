/** What of a certificate names its subject, as `X509Certificate` of node:crypto writes it. */
export interface CertificateNames {
  /** "URI:sip:example.com, DNS:example.com"; undefined where the certificate has no such extension. */
  readonly subjectAltName: string | undefined;
  /** One "CN=example.com" a line, among others. */
  readonly subject: string;
}

/**
 * The SIP domains that a certificate proves (RFC 5922 §7.1), in lower case: the hosts of its sip URIs; where it has none, its
 * DNS names; where it has no subjectAltName at all, its common name. The certificate itself must have been found good.
 *
 * A URI with a user names that user, and one of another scheme no SIP domain. IP addresses are never identities.
 */
export function peerDomainsOf(names: CertificateNames): string[] {
  if (names.subjectAltName === undefined) return commonNames(names.subject);
  const entries = splitAltNames(names.subjectAltName);
  const hosts = entries.filter(({ kind }) => kind === 'URI').map(({ value }) => sipDomainOf(value));
  const domains = hosts.filter((host) => host !== undefined);
  if (domains.length > 0) return domains;
  return entries.filter(({ kind }) => kind === 'DNS').map(({ value }) => value.toLowerCase());
}

/**
 * Whether one of the domains is the one expected (RFC 5922 §7.2): as a whole, without regard to case. A wildcard matches
 * nothing but itself, and is no name that anybody asks for.
 */
export function provesDomain(domains: readonly string[], expected: string): boolean {
  return domains.includes(expected.toLowerCase());
}

/** Host of "sip:example.com", with a port or parameters or not; undefined for what is no SIP domain. */
function sipDomainOf(uri: string): string | undefined {
  if (uri.slice(0, 4).toLowerCase() !== 'sip:' || uri.includes('@')) return undefined;
  const host = /^[^;?:]*/.exec(uri.slice(4))?.[0] ?? '';
  return host === '' || host.startsWith('[') ? undefined : host.toLowerCase();
}

function commonNames(subject: string): string[] {
  return subject
    .split('\n')
    .filter((line) => line.startsWith('CN='))
    .map((line) => line.slice(3).toLowerCase())
    .filter((name) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(name));
}

/**
 * Takes "DNS:a, URI:b" apart. A value that holds a comma or a quote is written as a JSON string, so that no name can pretend
 * to be two.
 */
function splitAltNames(text: string): { readonly kind: string; readonly value: string }[] {
  const entries: { kind: string; value: string }[] = [];
  const entry = /([^:,]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/y;
  for (;;) {
    const match = entry.exec(text);
    if (match === null) return entries;
    const [, kind = '', value = ''] = match;
    entries.push({ kind, value: value.startsWith('"') ? String(JSON.parse(value)) : value });
    if (entry.lastIndex === text.length) return entries;
  }
}
