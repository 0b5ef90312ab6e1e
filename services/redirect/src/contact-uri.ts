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
  let kept = '';
  let from = 0;
  while (from < params.length) {
    const next = endOfContactParameter(params, from + 1);
    if (!isPushParameter(params, from + 1)) kept += params.slice(from, next);
    from = next;
  }
  return kept;
}

/**
 * Adds a Route header to a contact URI (RFC 3261 §19.1.1): who sends a request to the URI sends it by this Path, to the
 * edge that holds the flow (RFC 5626 §5.3).
 *
 * @param path values of the Path header, topmost first, as received
 */
export function withRoute(uri: string, path: readonly string[]): string {
  const route = `Route=${path.map(escapeHeaderValue).join('%2C')}`;
  return uri.includes('?') ? `${uri}&${route}` : `${uri}?${route}`;
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

function endOfContactParameter(params: string, from: number): number {
  let quoted = false;
  for (let at = from; at < params.length; at += 1) {
    const char = params[at];
    if (quoted && char === '\\') at += 1;
    else if (char === '"') quoted = !quoted;
    else if (char === ';' && !quoted) return at;
  }
  return params.length;
}

/** Characters that a header value within a URI shows plainly: unreserved and hnv-unreserved of RFC 3261 §25.1. */
const plainInHeaderValue = new Set(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()[]/?:+$",
);

function escapeHeaderValue(value: string): string {
  let escaped = '';
  for (const char of value) {
    escaped += plainInHeaderValue.has(char)
      ? char
      : `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}
