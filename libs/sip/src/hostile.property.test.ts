import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exercise } from '../fuzz/exercise.ts';

const folder = new URL('../../../test/data/', import.meta.url);
const seeds = ['rfc4475', 'rfc5118'].flatMap((set) =>
  readdirSync(new URL(set, folder)).map((file) => readFileSync(new URL(`${set}/${file}`, folder))),
);

/** One edit of a message: bytes from somewhere replaced by others. */
const edit = fc.record({
  at: fc.nat({ max: 4_000 }),
  remove: fc.nat({ max: 40 }),
  insert: fc.oneof(
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        '\r\n',
        '\n',
        '\r',
        '\r\n ',
        '\r\n\r\n',
        ':',
        ';',
        ',',
        '"',
        '<',
        '>',
        '@',
        '%',
        '[',
        ']',
        '?',
        '=',
        '\\',
        '\0',
      )
      .map((text) => Buffer.from(text)),
  ),
});

function apply(bytes: Buffer, edits: readonly { at: number; remove: number; insert: Buffer }[]): Buffer {
  let edited = bytes;
  for (const { at, remove, insert } of edits) {
    const from = at % (edited.length + 1);
    edited = Buffer.concat([edited.subarray(0, from), insert, edited.subarray(from + remove)]);
  }
  return edited;
}

describe('whatever arrives', () => {
  it('random bytes are read or refused with the error of this library', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        exercise(Buffer.from(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('mutated torture messages, too', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        (seed, edits) => {
          exercise(apply(seed, edits));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('the seeds themselves are exercised without a finding', () => {
    for (const seed of seeds) expect(() => exercise(seed)).not.toThrow();
  });
});
