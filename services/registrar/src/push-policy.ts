import { readPushTarget } from '@rollcall/sip';

/** What RFC 8599 §5.6 makes of the push parameters of a contact that is to be bound. */
export type PushVerdict =
  /** It asks for no push, or somebody nearer to the phone sees to it. */
  | { readonly kind: 'not-ours' }
  /** These services are served: the response says so. */
  | { readonly kind: 'served'; readonly providers: readonly string[] }
  /** Nobody serves the one it asks for: 555. */
  | { readonly kind: 'unsupported' };

const notOurs: PushVerdict = { kind: 'not-ours' };

/**
 * Judges a contact's push parameters. A pn-provider without value asks which services there are (§4.1.5).
 *
 * @param providers those that are served, in lower case; none: RFC 8599 is not spoken
 * @param featureCaps values of the request's Feature-Caps header: a proxy before us says +sip.pns there
 */
export function judgePush(
  uri: string,
  providers: readonly string[],
  featureCaps: readonly string[],
): PushVerdict {
  if (providers.length === 0) return notOurs;
  const target = readPushTarget(uri);
  if (target === undefined || featureCaps.some(namesPush)) return notOurs;
  if (target.provider === '') return { kind: 'served', providers };
  const provider = target.provider.toLowerCase();
  return providers.includes(provider) ? { kind: 'served', providers: [provider] } : { kind: 'unsupported' };
}

/** The value of a Feature-Caps header that says that a service is served (RFC 8599 §8). */
export function formatPushCapability(provider: string): string {
  return `*;+sip.pns="${provider}"`;
}

function namesPush(featureCaps: string): boolean {
  return featureCaps.toLowerCase().includes(';+sip.pns=');
}
