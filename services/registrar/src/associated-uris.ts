import type { Identity } from './authorise.ts';

/** An identity that may register thousands of AORs must not make a response too long for UDP. */
const mostTold = 20;

/**
 * The values of a P-Associated-URI header (RFC 7315 §4.1): the subscriber's own AOR, which is the default one, then the
 * others that it may register, then its numbers.
 */
export function formatAssociatedUris({ aors, numbers }: Identity): string[] {
  const uris = aors.slice(0, mostTold).map((aor) => `<${aor}>`);
  for (const number of numbers.slice(0, mostTold - uris.length)) uris.push(`<tel:${number}>`);
  return uris;
}
