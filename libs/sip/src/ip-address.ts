import { codeAt, isDigit, isHex } from './characters.ts';

/** True for an IPv6 address in brackets (RFC 3261 §25.1 IPv6reference). */
export function isIpv6Reference(text: string): boolean {
  return parseIpv6Reference(text) !== undefined;
}

/**
 * The eight 16-bit groups of an IPv6 address in brackets, or undefined. Three colons before an embedded IPv4 address
 * count as two: the grammar of RFC 3261 made people write that (RFC 5118 §4.10).
 */
export function parseIpv6Reference(text: string): readonly number[] | undefined {
  if (text.length < 4 || text.length > 50 || text[0] !== '[' || !text.endsWith(']')) return undefined;
  const inner = text.slice(1, -1).replace(':::', inner4(text) ? '::' : ':::');
  const halves = inner.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1) return missing === 0 ? head : undefined;
  if (missing < 1) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

function inner4(text: string): boolean {
  return text.includes('.');
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (mayEndInIpv4 && index === parts.length - 1 && part.includes('.')) {
      const octets = parseIpv4(part);
      if (octets === undefined) return undefined;
      groups.push(octets >>> 16, octets & 0xffff);
    } else {
      if (part.length < 1 || part.length > 4) return undefined;
      for (let at = 0; at < part.length; at += 1) if (!isHex(codeAt(part, at))) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
}

/** A dotted IPv4 address as an unsigned 32-bit number, or undefined. */
function parseIpv4(text: string): number | undefined {
  let value = 0;
  let octets = 0;
  for (const part of text.split('.')) {
    if (part.length < 1 || part.length > 3) return undefined;
    for (let at = 0; at < part.length; at += 1) if (!isDigit(codeAt(part, at))) return undefined;
    const octet = Number(part);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
    octets += 1;
  }
  return octets === 4 ? value : undefined;
}

/**
 * A host in the one form that equal hosts share: names in lower case as they are, IPv6 references in the text form of
 * RFC 5952, because RFC 5954 §4.2 wants addresses compared by value.
 */
export function canonicalHost(host: string): string {
  if (host[0] !== '[') return host;
  const groups = parseIpv6Reference(host);
  return groups === undefined ? host : `[${formatIpv6(groups)}]`;
}

/** RFC 5952 §4: lower case, no leading zeros, the longest run of zero groups (of two or more, the first) as "::". */
function formatIpv6(groups: readonly number[]): string {
  let runStart = -1;
  let runLength = 1;
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length += 1;
    if (length > runLength) {
      runStart = start;
      runLength = length;
    }
  }
  const hex = groups.map((group) => group.toString(16));
  if (runStart < 0) return hex.join(':');
  return `${hex.slice(0, runStart).join(':')}::${hex.slice(runStart + runLength).join(':')}`;
}
