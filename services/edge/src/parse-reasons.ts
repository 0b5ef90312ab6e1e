import type { SipParseError } from '@rollcall/sip';

/** What is wrong with a message that cannot be parsed: the parser's codes, in few enough words for labels. */
export const parseReasons = ['start_line', 'framing', 'size', 'missing_header', 'uri', 'header'] as const;

/** The first pattern that fits the code; a malformed header is what is left. */
const patterns: readonly (readonly [RegExp, (typeof parseReasons)[number]])[] = [
  [/_(SIZE|COUNT)$/, 'size'],
  [/_MISSING_/, 'missing_header'],
  [/_(EMPTY|START_LINE|STATUS_LINE|REQUEST_LINE|VERSION)$/, 'start_line'],
  [/_(LINE_END|HEAD_UNFINISHED|CONTENT_LENGTH|BODY_SHORT)$/, 'framing'],
  [/_(URI|URI_SCHEME|URI_HEADERS|TO_SCHEME|ADDRESS)$/, 'uri'],
];

/** Sorted once: a flood of bad messages must not cost more than the parser's own work. */
const known = new Map<string, (typeof parseReasons)[number]>();

/** The reason of a parse error. */
export function parseReasonOf({ code }: SipParseError): (typeof parseReasons)[number] {
  let reason = known.get(code);
  if (reason === undefined) {
    reason = patterns.find(([pattern]) => pattern.test(code))?.[1] ?? 'header';
    known.set(code, reason);
  }
  return reason;
}
