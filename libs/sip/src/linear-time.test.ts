import { describe, expect, it } from 'vitest';
import { exercise } from '../fuzz/exercise.ts';
import { mandatory } from '../test/sample-messages.ts';

const head = `REGISTER sip:example.com SIP/2.0\r\n${mandatory.join('\r\n')}\r\n`;

/** Shapes that have made parsers quadratic, each filled up to a size. */
const shapes: readonly (readonly [name: string, before: string, unit: string, after: string])[] = [
  ['line ends before the message', '', '\r\n', `${head}\r\n`],
  ['short rows', head, 'a:\r\n', '\r\n'],
  ['rows of one known header', head, 'k:a\r\n', '\r\n'],
  ['folds', `${head}Subject: x`, '\r\n x', '\r\n\r\n'],
  ['folds of nothing', `${head}Subject: x`, '\r\n ', '\r\n\r\n'],
  ['bare CRs', `${head}Subject: x`, 'x\r', '\r\n\r\n'],
  ['bare LFs', `${head}Subject: x`, 'x\n', '\r\n\r\n'],
  ['white space', `${head}Subject: x`, ' \t', '\r\n\r\n'],
  ['white space in Contact', `${head}Contact: <sip:a@h>`, ' \t', '\r\n\r\n'],
  ['commas', `${head}Contact: <sip:a@h>`, ',', '\r\n\r\n'],
  ['contacts', `${head}Contact: `, '<sip:a@h>,', '<sip:a@h>\r\n\r\n'],
  ['parameters', `${head}Contact: <sip:a@h>`, ';p', '\r\n\r\n'],
  ['open brackets', `${head}Contact: `, '<', '\r\n\r\n'],
  ['an open quote', `${head}Contact: "`, 'x', '\r\n\r\n'],
  ['backslashes in an open quote', `${head}Contact: "`, '\\', '\r\n\r\n'],
  ['quotes', `${head}Contact: `, '"', '\r\n\r\n'],
  ['quoted pairs', `${head}Contact: "`, '\\"', '" <sip:a@h>\r\n\r\n'],
  ['escapes in a URI', `${head}Contact: <sip:`, '%41', '@h>\r\n\r\n'],
  ['headers in a URI', `${head}Contact: <sip:a@h?`, 'a=b&', 'a=b>\r\n\r\n'],
  ['parameters in a URI', `${head}Contact: <sip:a@h`, ';%41=%42', '>\r\n\r\n'],
  ['colons in an IPv6 reference', `${head}Contact: <sip:a@[`, ':', ']>\r\n\r\n'],
  [
    'Via values',
    `REGISTER sip:example.com SIP/2.0\r\nVia: `,
    'SIP/2.0/UDP h,',
    `SIP/2.0/UDP h\r\n${head}\r\n`,
  ],
  ['digest parameters', `${head}Authorization: Digest `, 'a="b",', 'a=b\r\n\r\n'],
  ['spaces in the start line', 'REGISTER ', ' ', `sip:h SIP/2.0\r\n${mandatory.join('\r\n')}\r\n\r\n`],
  ['a start line without end', 'REGISTER sip:', 'x', ''],
  ['digits', `${head}Content-Length: `, '1', '\r\n\r\n'],
];

function filled(before: string, unit: string, after: string, bytes: number): Buffer {
  const room = bytes - before.length - after.length;
  return Buffer.from(before + unit.repeat(Math.floor(room / unit.length)) + after, 'latin1');
}

/** The quickest of several runs, in milliseconds: what the work costs when nothing else takes the processor. */
function quickest(bytes: Buffer, runs: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run += 1) {
    const startedAt = performance.now();
    exercise(bytes);
    best = Math.min(best, performance.now() - startedAt);
  }
  return best;
}

describe('time grows linearly with size', () => {
  // Sixteen times the size: linear work takes 16 times as long, quadratic work 256 times.
  const small = 4 * 1024;
  const large = 64 * 1024 - 1;
  const bound = 80;
  // Below this a clock and a collector of garbage decide: 20 µs.
  const floorMs = 0.02;

  it.each(shapes)('%s', (_name, before, unit, after) => {
    const little = filled(before, unit, after, small);
    const much = filled(before, unit, after, large);
    quickest(little, 40);
    quickest(much, 3);
    expect(quickest(much, 7) / Math.max(quickest(little, 25), floorMs)).toBeLessThan(bound);
  });
});
