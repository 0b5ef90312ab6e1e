import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RegisterRequest } from './gen/rollcall/registrar/v1/registrar_service.ts';
import { decodeMessage } from './text-reader.ts';

const empty = RegisterRequest.decode(Buffer.alloc(0));

describe('decodeMessage', () => {
  it('reads the texts that were written, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.array(fc.string({ maxLength: 200 })),
        (userAgent, path) => {
          const bytes = Buffer.from(RegisterRequest.encode({ ...empty, userAgent, path }).finish());
          expect(decodeMessage(RegisterRequest, bytes)).toEqual({ ...empty, userAgent, path });
        },
      ),
    );
  });

  it('reads as the library does, also what is broken, or refuses it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (random) => {
        const bytes = Buffer.from(random);
        let expected: RegisterRequest | undefined;
        try {
          expected = RegisterRequest.decode(bytes);
        } catch {
          expect(() => decodeMessage(RegisterRequest, bytes)).toThrow();
        }
        if (expected !== undefined) expect(decodeMessage(RegisterRequest, bytes)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses a text that is longer than the message', () => {
    expect(() => decodeMessage(RegisterRequest, Buffer.from([0x0a, 0x05, 0x61]))).toThrow(RangeError);
  });
});
