import { lowerCase } from './characters.ts';

/**
 * The value, as received, of a SIP URI's parameter: '' where it has none, undefined where the parameter is absent. Reads
 * the text and builds nothing, for code that asks the same of many stored URIs.
 *
 * @param name in lower case
 */
export function uriParam(uri: string, name: string): string | undefined {
  const end = paramsEnd(uri);
  const at = findParam(uri, end, name);
  if (at < 0) return undefined;
  const valueAt = at + 1 + name.length;
  return uri[valueAt] === '=' ? uri.slice(valueAt + 1, nextParam(uri, valueAt, end)) : '';
}

/** The SIP URI without each parameter of that name (in lower case); everything else stays as it is. */
export function withoutUriParam(uri: string, name: string): string {
  const end = paramsEnd(uri);
  const at = findParam(uri, end, name);
  if (at < 0) return uri;
  return withoutUriParam(uri.slice(0, at) + uri.slice(nextParam(uri, at + 1, end)), name);
}

/** Where the parameters end: at the headers, or at the end. */
function paramsEnd(uri: string): number {
  // A user part may hold "?" and ";" of its own (RFC 3261 §25.1).
  const headersAt = uri.indexOf('?', uri.indexOf('@') + 1);
  return headersAt < 0 ? uri.length : headersAt;
}

/** Offset of the parameter's semicolon, or -1. */
function findParam(uri: string, end: number, name: string): number {
  let at = uri.indexOf(';', uri.indexOf('@') + 1);
  while (at >= 0 && at < end) {
    const nameEnd = at + 1 + name.length;
    const next = uri[nameEnd];
    const ends = nameEnd === end || next === ';' || next === '=';
    if (ends && nameEnd <= end && lowerCase(uri, at + 1, nameEnd) === name) return at;
    at = uri.indexOf(';', at + 1);
  }
  return -1;
}

function nextParam(uri: string, from: number, end: number): number {
  const at = uri.indexOf(';', from);
  return at < 0 || at > end ? end : at;
}
