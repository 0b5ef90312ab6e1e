import { parseUri, SipParseError } from '@rollcall/sip';

/** What REGISTRAR_SERVICE_ROUTE may hold, as the end of "must be …". */
export const serviceRouteForm =
  'SIP URIs in angle brackets with the parameter lr, several between commas, or empty for none; for example <sip:out.example.com;lr>';

/** The values of a Service-Route header (RFC 3608 §5), topmost first; undefined where one is none. */
export function readServiceRoute(text: string): readonly string[] | undefined {
  const values: string[] = [];
  const rest = text.replace(/<([^<>]*)>/g, (value, uri: string) => {
    // What is no loose router would rewrite the Request-URI (RFC 3261 §16.6).
    if (isLooseRouter(uri)) values.push(value);
    return '<>';
  });
  if (rest.trim() === '') return [];
  const places = rest.split(',').map((place) => place.trim());
  return places.length === values.length && places.every((place) => place === '<>') ? values : undefined;
}

function isLooseRouter(text: string): boolean {
  try {
    const uri = parseUri(text);
    return uri.kind === 'sip' && uri.params.some(({ name }) => name === 'lr');
  } catch (error) {
    if (error instanceof SipParseError) return false;
    throw error;
  }
}
