import { SipParseError, type SipRequest } from '@rollcall/sip';

/** Odd constants with well-mixed bits, two for each half. */
const PRIME_A = 0x9e3779b1;
const PRIME_B = 0x85ebca77;
const PRIME_C = 0xc2b2ae3d;
const PRIME_D = 0x27d4eb2f;

/**
 * The To tag of every response to a request: the same for its retransmissions, its CANCEL, and in every process, so that an
 * answer that was given without keeping state can be given again (RFC 3261 §8.2.7). 64 bits, not secret: a tag that
 * opens a dialog has something added.
 */
export function toTagFor(request: SipRequest): string {
  let high = PRIME_C | 0;
  let low = PRIME_D | 0;
  const { texts, sequence } = distinguish(request);
  for (const text of texts) {
    for (let at = 0; at < text.length; at += 1) {
      const char = text.charCodeAt(at);
      high = Math.imul(high ^ char, PRIME_A);
      low = Math.imul(low ^ char, PRIME_B);
      // Multiplication carries only upwards; bring high bits back down.
      low ^= high >>> 15;
    }
    // An end mark between the parts: "ab" + "c" is not "a" + "bc".
    high = Math.imul(high ^ 0x100, PRIME_B);
    low = Math.imul(low ^ 0x100, PRIME_A);
  }
  high = mix(high ^ Math.imul(sequence, PRIME_D));
  low = mix(low ^ Math.imul(sequence, PRIME_C) ^ high);
  return `${toWord(high)}${toWord(low)}`;
}

/** What makes a request another than others; its rows as they are where they cannot be read: a 400 has a tag, too. */
function distinguish(request: SipRequest): { readonly texts: readonly string[]; readonly sequence: number } {
  try {
    const { topVia, callId, from, cseq } = request;
    const branch = topVia.branch ?? request.values('via')[0] ?? '';
    return { texts: [branch, callId, from.tag ?? ''], sequence: cseq.sequence };
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    return { texts: partsThatCount.map((name) => request.row(name) ?? ''), sequence: 0 };
  }
}

const partsThatCount = ['via', 'call-id', 'from', 'cseq'];

/** Every input bit reaches every output bit. */
function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), PRIME_B);
  mixed = Math.imul(mixed ^ (mixed >>> 13), PRIME_C);
  return mixed ^ (mixed >>> 16);
}

/** Characters of a token, 32 of them: five bits each. */
const alphabet = Uint8Array.from('0123456789abcdefghijklmnopqrstuv', (char) => char.charCodeAt(0));

/** 32 bits as seven characters, made in one piece: toString and padStart cost five times as much. */
function toWord(value: number): string {
  return String.fromCharCode(
    characterOf(value >>> 30),
    characterOf(value >>> 25),
    characterOf(value >>> 20),
    characterOf(value >>> 15),
    characterOf(value >>> 10),
    characterOf(value >>> 5),
    characterOf(value),
  );
}

function characterOf(bits: number): number {
  return alphabet[bits & 31] ?? 0;
}
