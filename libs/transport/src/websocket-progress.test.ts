import { describe, expect, it } from 'vitest';
import { WebSocketProgress } from './websocket-progress.ts';

/** A frame as a client sends it: masked, with a mask of zeros. */
function frame(firstByte: number, payloadBytes: number): number[] {
  const length =
    payloadBytes < 126
      ? [payloadBytes]
      : payloadBytes < 65_536
        ? [126, payloadBytes >> 8, payloadBytes & 255]
        : [
            127,
            0,
            0,
            0,
            0,
            payloadBytes >>> 24,
            (payloadBytes >> 16) & 255,
            (payloadBytes >> 8) & 255,
            payloadBytes & 255,
          ];
  const [first = 0, ...rest] = length;
  return [firstByte, first | 0x80, ...rest, 1, 2, 3, 4, ...new Array<number>(payloadBytes).fill(0x81)];
}

const text = 0x81;
const beginning = 0x01;
const middle = 0x00;
const end = 0x80;
const ping = 0x89;

function midMessageAfter(bytes: readonly number[], chunkBytes = bytes.length): boolean {
  const progress = new WebSocketProgress();
  for (let at = 0; at < bytes.length; at += chunkBytes)
    progress.push(Uint8Array.from(bytes.slice(at, at + chunkBytes)));
  return progress.midMessage;
}

describe('WebSocketProgress', () => {
  it.each([0, 1, 125, 126, 300, 65_535, 65_536])('knows the end of a message of %i bytes', (size) => {
    for (const chunkBytes of [1, 7, 1_000_000]) {
      const whole = frame(text, size);
      expect(midMessageAfter(whole, chunkBytes)).toBe(false);
      expect(midMessageAfter(whole.slice(0, -1), chunkBytes)).toBe(true);
      expect(midMessageAfter([...whole, text], chunkBytes)).toBe(true);
      expect(midMessageAfter([...whole, ...whole], chunkBytes)).toBe(false);
    }
  });

  it('knows that a message goes on after a fragment, and after a ping in between', () => {
    for (const chunkBytes of [1, 3, 1000]) {
      const begun = [...frame(beginning, 10), ...frame(middle, 0), ...frame(ping, 2)];
      expect(midMessageAfter(begun, chunkBytes)).toBe(true);
      expect(midMessageAfter([...begun, ...frame(end, 3)], chunkBytes)).toBe(false);
    }
  });

  it('takes no control frame for a message, whole or not', () => {
    expect(midMessageAfter(frame(ping, 5))).toBe(false);
    expect(midMessageAfter(frame(ping, 5).slice(0, 1))).toBe(false);
    expect(midMessageAfter(frame(ping, 5).slice(0, -1))).toBe(false);
  });
});
