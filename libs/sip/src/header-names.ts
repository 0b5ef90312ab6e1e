import { codeAt, isLetter, lowerCase } from './characters.ts';

/**
 * Headers known here, as small integers: long name in lower case, and the compact form (RFC 3261 §7.3.3 and the IANA
 * registry). The order of the first seven is used as bits by the validator.
 */
const names = [
  ['via', 'v'],
  ['from', 'f'],
  ['to', 't'],
  ['call-id', 'i'],
  ['cseq', ''],
  ['max-forwards', ''],
  ['content-length', 'l'],
  ['contact', 'm'],
  ['expires', ''],
  ['min-expires', ''],
  ['path', ''],
  ['route', ''],
  ['record-route', ''],
  ['service-route', ''],
  ['require', ''],
  ['proxy-require', ''],
  ['supported', 'k'],
  ['unsupported', ''],
  ['allow', ''],
  ['allow-events', 'u'],
  ['authorization', ''],
  ['proxy-authorization', ''],
  ['www-authenticate', ''],
  ['proxy-authenticate', ''],
  ['authentication-info', ''],
  ['user-agent', ''],
  ['server', ''],
  ['date', ''],
  ['retry-after', ''],
  ['event', 'o'],
  ['subscription-state', ''],
  ['content-type', 'c'],
  ['content-encoding', 'e'],
  ['content-disposition', ''],
  ['accept', ''],
  ['accept-contact', 'a'],
  ['reject-contact', 'j'],
  ['request-disposition', 'd'],
  ['refer-to', 'r'],
  ['referred-by', 'b'],
  ['session-expires', 'x'],
  ['identity', 'y'],
  ['subject', 's'],
  ['timestamp', ''],
] as const;

type HeaderName = (typeof names)[number][0];

/** The integer of each known header. */
export const headerId = Object.fromEntries(names.map(([name], id) => [name, id])) as Readonly<
  Record<HeaderName, number>
>;

/** The integer of all headers that are not known. */
export const unknownHeader = names.length;

const idsByName = new Map<string, number>(names.map(([name], id) => [name, id]));

/** The known header of a long name in lower case, or unknownHeader. */
export function findHeader(name: string): number {
  return idsByName.get(name) ?? unknownHeader;
}

/** Spelt otherwise than by a capital after each hyphen. */
const titles: Readonly<Record<string, string>> = {
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  'www-authenticate': 'WWW-Authenticate',
};

/** The long name of a known header as people write it. */
export function headerTitle(header: number): string {
  const name = names[header]?.[0] ?? '';
  return titles[name] ?? name.replace(/(^|-)[a-z]/g, (initial) => initial.toUpperCase());
}

interface Candidate {
  readonly id: number;
  readonly name: string;
}

/** Candidates by length and initial: at most three names share a slot, so a name costs one short comparison. */
const slots: (readonly Candidate[] | undefined)[] = new Array(32 * 32).fill(undefined);
for (const [id, forms] of names.entries()) {
  for (const name of forms) {
    if (name === '') continue;
    const slot = slotOf(name.length, codeAt(name, 0));
    slots[slot] = [...(slots[slot] ?? []), { id, name }];
  }
}

function slotOf(length: number, initial: number): number {
  return (length << 5) | (initial & 31);
}

/** The known header whose long or compact name is text[from, end) in any case, or unknownHeader. */
export function identifyHeader(text: string, from: number, end: number): number {
  const length = end - from;
  if (length > 31) return unknownHeader;
  const candidates = slots[slotOf(length, codeAt(text, from))];
  if (candidates === undefined) return unknownHeader;
  for (const candidate of candidates) {
    if (namesHeader(text, from, candidate.name)) return candidate.id;
  }
  return unknownHeader;
}

/** The name of a header in lower case, long where it is known and was given in its compact form. */
export function longHeaderName(name: string): string {
  return names[identifyHeader(name, 0, name.length)]?.[0] ?? lowerCase(name, 0, name.length);
}

function namesHeader(text: string, from: number, name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    const code = codeAt(text, from + index);
    const expected = codeAt(name, index);
    if (code !== expected && !(isLetter(code) && (code | 0x20) === expected)) return false;
  }
  return true;
}
