import { keepContactParameters } from './contact-parameters.ts';

/** Parameters of RFC 8599 §14: what a push service needs to reach a device is nobody else's business. */
const pushPrefix = 'pn-';

/**
 * Removes the pn-* parameters from a contact URI. Everything else stays as registered, byte for byte.
 */
export function withoutPushParameters(uri: string): string {
  const headersAt = uri.indexOf('?');
  const end = headersAt < 0 ? uri.length : headersAt;
  let at = firstParameterAt(uri, end);
  if (at < 0) return uri;
  let kept = uri.slice(0, at);
  while (at < end) {
    let next = uri.indexOf(';', at + 1);
    if (next < 0 || next > end) next = end;
    if (!isPushParameter(uri, at + 1)) kept += uri.slice(at, next);
    at = next;
  }
  return kept + uri.slice(end);
}

/** Removes the pn-* parameters from contact parameters (each with its leading semicolon; quoted values may hold any). */
export function withoutPushContactParameters(params: string): string {
  return keepContactParameters(params, (name) => !name.startsWith(pushPrefix));
}

/** The semicolon of a SIP URI's first parameter: behind the user part, which may hold some of its own. -1 for none. */
function firstParameterAt(uri: string, end: number): number {
  const at = uri.lastIndexOf('@', end - 1);
  const semicolon = uri.indexOf(';', Math.max(at, 0));
  return semicolon < end ? semicolon : -1;
}

function isPushParameter(text: string, at: number): boolean {
  return text.slice(at, at + pushPrefix.length).toLowerCase() === pushPrefix;
}
