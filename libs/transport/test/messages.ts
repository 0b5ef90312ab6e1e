import { parseMessage, type Via } from '@rollcall/sip';

/** Bytes of a REGISTER. `via` is the whole header value; `rows` are further ones, each with its line end. */
export function registerText(
  options: { via?: string; rows?: string; body?: string; length?: string } = {},
): string {
  const { via = 'SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKa', rows = '', body = '' } = options;
  const length = options.length ?? `Content-Length: ${body.length}\r\n`;
  return (
    `REGISTER sip:example.com SIP/2.0\r\nVia: ${via}\r\nFrom: <sip:alice@example.com>;tag=1\r\n` +
    `To: <sip:alice@example.com>\r\nCall-ID: c1\r\nCSeq: 1 REGISTER\r\n${rows}${length}\r\n${body}`
  );
}

export function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** The top Via of a request that has this Via header. */
export function parseVia(via: string): Via {
  const message = parseMessage(latin1(registerText({ via })), 'datagram');
  return message.topVia;
}
