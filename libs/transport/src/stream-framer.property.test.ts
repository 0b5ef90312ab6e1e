import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latin1, registerText } from '../test/messages.ts';
import { StreamFramer } from './stream-framer.ts';

/** What the framer makes of a stream, as one list. */
function run(chunks: readonly Buffer[]): string[] {
  const seen: string[] = [];
  const framer = new StreamFramer(
    {
      onFrame: (bytes) => seen.push(`frame ${bytes.toString('latin1')}`),
      onPing: () => seen.push('ping'),
      onError: (error) => seen.push(`error ${error.code}`),
    },
    2_000,
  );
  for (const chunk of chunks) framer.push(chunk);
  return seen;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  return sorted.map((to) => {
    const chunk = Buffer.from(bytes.subarray(from, to));
    from = to;
    return chunk;
  });
}

const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .string({ maxLength: 40 })
      .map((body) => registerText({ body: latin1(body).toString('latin1') })),
  },
  { weight: 3, arbitrary: fc.constantFrom('\r\n', '\r\n\r\n', '\r\n\r\n\r\n', '\n', '\r') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      registerText({ length: 'Content-Length: -1\r\n' }),
      registerText({ length: 'l:\r\n\t2\r\n', body: 'ab' }),
      registerText({ rows: `X: ${'y'.repeat(3_000)}\r\n` }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  },
);
const stream = fc.array(piece, { maxLength: 8 }).map((pieces) => latin1(pieces.join('')));

describe('stream framer (property)', () => {
  it('X7: any chunking gives the same frames, pings and errors', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), (bytes, places) => {
        const whole = run([bytes]);
        expect(run(cut(bytes, places))).toEqual(whole);
        expect(run([...bytes].map((byte) => Buffer.from([byte])))).toEqual(whole);
      }),
      { numRuns: 150 },
    );
  });

  it('never throws on any bytes, and gives out no byte twice', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
        const buffers = chunks.map((chunk) => Buffer.from(chunk));
        const given = run(buffers)
          .filter((each) => each.startsWith('frame '))
          .join('').length;
        expect(given).toBeLessThanOrEqual(Buffer.concat(buffers).length * 2);
      }),
      { numRuns: 200 },
    );
  });
});
