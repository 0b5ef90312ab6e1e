import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { computeHa1, computeResponse } from '@rollcall/digest';
import { parseDigestChallenge, parseMessage, type SipResponse } from '@rollcall/sip';
import type { HostPort } from '@rollcall/transport';
import { freshBranch, freshCallId } from './registering.ts';
import { domain } from './test-users.ts';

/** What came of a wrong password. */
export interface Guess {
  /** From sending the credentials to receiving the answer. */
  readonly tookMicros: number;
  /** The answer, without what differs between any two answers. */
  readonly text: string;
}

/** Somebody who tries user names, and looks at the clock. */
export interface Guesser {
  /** Sends wrong credentials for that user. */
  guess(username: string): Promise<Guess>;
  /** Registers a user of the suite. */
  register(username: string): Promise<void>;
  close(): Promise<void>;
}

interface Answer {
  readonly response: SipResponse;
  readonly text: string;
  readonly atNanos: bigint;
}

const timeoutMs = 5000;

/** Opens a socket of its own: nothing but the answer's arrival is to be measured. */
export async function openGuesser(server: HostPort): Promise<Guesser> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();

  const send = async (rows: readonly string[]): Promise<Answer & { readonly sentAtNanos: bigint }> => {
    const bytes = Buffer.from(`${rows.join('\r\n')}\r\n\r\n`, 'latin1');
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const late = setTimeout(() => reject(new Error('no answer')), timeoutMs);
    socket.once('message', (received) => {
      const atNanos = process.hrtime.bigint();
      clearTimeout(late);
      const response = parseMessage(received, 'datagram');
      if (response.kind !== 'response') reject(new Error('not a response'));
      else resolve({ response, text: received.toString('latin1'), atNanos });
    });
    const sentAtNanos = process.hrtime.bigint();
    socket.send(bytes, server.port, server.host);
    return { ...(await promise), sentAtNanos };
  };

  const attempt = async (username: string, password: string) => {
    const callId = freshCallId();
    const rows = (cseq: number, ...more: string[]) => [
      `REGISTER sip:${domain} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=${freshBranch()};rport`,
      'Max-Forwards: 70',
      `From: <sip:${username}@${domain}>;tag=guess`,
      `To: <sip:${username}@${domain}>`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} REGISTER`,
      `Contact: <sip:${username}@127.0.0.1:${port}>`,
      ...more,
      'Content-Length: 0',
    ];
    const challenged = await send(rows(1));
    const challenge = parseDigestChallenge(challenged.response.rows('www-authenticate')[0] ?? '');
    if (challenge === undefined) throw new Error(`no challenge: ${challenged.text}`);
    const { nonce, realm, opaque } = challenge;
    const parts = { nonce, cnonce: '0a4f113b', nc: '00000001', qop: 'auth', uri: `sip:${domain}` };
    const response = computeResponse(computeHa1('SHA-256', username, realm, password), {
      ...parts,
      ...{ algorithm: 'SHA-256', sess: false, method: 'REGISTER', body: Buffer.alloc(0) },
    });
    const authorization =
      `Authorization: Digest username="${username}", realm="${realm}", nonce="${nonce}", uri="${parts.uri}", ` +
      `response="${response}", algorithm=SHA-256, cnonce="${parts.cnonce}", nc=${parts.nc}, qop=auth, opaque="${opaque}"`;
    return send(rows(2, authorization));
  };

  return {
    guess: async (username) => {
      const { response, text, sentAtNanos, atNanos } = await attempt(username, 'not the password');
      if (response.status !== 401) throw new Error(`a wrong password was answered ${response.status}`);
      return { tookMicros: Number(atNanos - sentAtNanos) / 1000, text: withoutIdentity(text) };
    },
    register: async (username) => {
      const { response } = await attempt(username, `secret-of-${username}`);
      if (response.status !== 200) throw new Error(`${username} was answered ${response.status}`);
    },
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** The answer without its nonces and tag, and without what it repeats of the request. */
function withoutIdentity(text: string): string {
  return text
    .replaceAll(/nonce="[^"]{40}"/g, 'nonce')
    .replace(/\r\n(To: [^\r]*);tag=[^\r;]*/, '\r\n$1')
    .split('\r\n')
    .filter((row) => !/^(Via|From|To|Call-ID|CSeq):/.test(row))
    .join('\r\n');
}
