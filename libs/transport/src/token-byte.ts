/** One entry a byte: 1 where RFC 3261 §25.1 lets the byte stand in a token, and so at the start of a message. */
const TOKEN_BYTES = buildTokenBytes();

/** Whether a SIP message can start with this byte: a method or `SIP/2.0` is a token. */
export function isTokenByte(byte: number): boolean {
  return TOKEN_BYTES[byte] === 1;
}

function buildTokenBytes(): Uint8Array {
  const table = new Uint8Array(256);
  const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~";
  for (const char of allowed) table[char.charCodeAt(0)] = 1;
  return table;
}
