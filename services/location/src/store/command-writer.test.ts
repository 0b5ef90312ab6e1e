import fc from 'fast-check';
import { Command } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { CommandWriter } from './command-writer.ts';

describe('CommandWriter', () => {
  it('writes what ioredis writes, whatever the words are', () => {
    const writer = new CommandWriter();
    const word = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.integer(),
      fc.uint8Array({ maxLength: 5000 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        writer.begin(words.length + 1);
        writer.add('evalsha');
        for (const each of words) writer.add(each);
        const expected = new Command('evalsha', [...words]).toWritable(undefined as never);
        expect(writer.finish().equals(Buffer.from(expected))).toBe(true);
      }),
    );
  });
});
