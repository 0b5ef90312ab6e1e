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
