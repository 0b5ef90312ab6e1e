import { readFileSync } from 'node:fs';
import { parseMessage, type SipResponse } from '@rollcall/sip';
import type { ConformanceTarget } from './conformance-case.ts';
import { asResponse, ConformanceFailure, expectStatus } from './expectations.ts';
import type { RawUdp } from './raw-sockets.ts';
import { freshBranch, freshCallId, readRequest } from './registering.ts';
import { domain, trustedPhones } from './test-users.ts';

/** Where the messages come from. */
export type TortureArchive = 'rfc4475' | 'rfc5118';

const folder = new URL('../../data/', import.meta.url);
const silenceMs = 600;

let lastHost = 0;

/** A message of an archive, byte by byte. The archive of RFC 5118 was made with LF; its Content-Lengths count CRLF. */
export function readTorture(archive: TortureArchive, name: string): string {
  const read = (file: string) => readFileSync(new URL(`${archive}/${file}`, folder), 'latin1');
  return archive === 'rfc4475' ? read(`${name}.dat`) : read(name).replaceAll(/\r?\n/g, '\r\n');
}

/** A phone that sends such messages over UDP, and hears what is sent to where their top Via says. */
export interface TortureUdp {
  /** Sends a request, and gives its final response. */
  exchange(text: string): Promise<SipResponse>;
  /** Fails where anything comes after a message. */
  expectNoAnswer(text: string): Promise<void>;
  /** Fails where anything more comes. */
  expectNoMore(): Promise<void>;
  /** The 200 with what is bound to an AOR. */
  fetch(aor: string): Promise<SipResponse>;
  /** Ends all that is bound to an AOR. */
  removeAll(aor: string): Promise<void>;
}

/**
 * Opens a phone on a loopback address of its own. Without rport in the Via, the answer goes to the port of its sent-by
 * (RFC 3261 §18.2.2): the phone listens there, which is why it needs the address for itself.
 */
export async function openTortureUdp(
  target: ConformanceTarget,
  network = trustedPhones,
): Promise<TortureUdp> {
  lastHost = (lastHost % 254) + 1;
  const host = `${network}.${lastHost}`;
  const sockets = new Map<number, RawUdp>();
  const socketFor = async (port: number) => {
    const socket = sockets.get(port) ?? (await target.rawUdp({ host, port }));
    sockets.set(port, socket);
    return socket;
  };
  const exchange = async (text: string) => {
    const socket = await socketFor(answerPort(text));
    socket.send(text, target.sip);
    for (;;) {
      const response = readResponse((await socket.next()).text);
      if (response.status >= 200) return response;
    }
  };
  const expectNoMore = async () => {
    const late = Promise.all(
      [...sockets.values()].map((each) =>
        each.next(silenceMs).then(
          ({ text }) => text,
          () => undefined,
        ),
      ),
    );
    const heard = (await late).find((text) => text !== undefined);
    if (heard !== undefined)
      throw new ConformanceFailure(`expected silence, received ${heard.split('\r\n')[0]}`);
  };
  const ask = async (aor: string, rows: readonly string[]) => {
    const response = await exchange(formatOwn(aor, host, rows));
    expectStatus(response, 200);
    return response;
  };
  return {
    exchange,
    expectNoMore,
    expectNoAnswer: async (text) => {
      (await socketFor(answerPort(text))).send(text, target.sip);
      await expectNoMore();
    },
    fetch: (aor) => ask(aor, []),
    removeAll: async (aor) => {
      await ask(aor, ['Contact: *', 'Expires: 0']);
    },
  };
}

/** A REGISTER that needs no credentials. */
function formatOwn(aor: string, host: string, rows: readonly string[]): string {
  return [
    `REGISTER sip:${domain} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host}:5060;branch=${freshBranch()}`,
    'Max-Forwards: 70',
    `From: <${aor}>;tag=1`,
    `To: <${aor}>`,
    `Call-ID: ${freshCallId()}`,
    'CSeq: 1 REGISTER',
    ...rows,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

/** Where the answer goes: the port of the top Via, or its transport's; 5060 where there is no Via that can be read. */
function answerPort(text: string): number {
  try {
    const { port, transport } = readRequest(text).topVia;
    return port ?? (transport === 'TLS' ? 5061 : 5060);
  } catch {
    return 5060;
  }
}

function readResponse(text: string): SipResponse {
  return asResponse(parseMessage(Buffer.from(text, 'latin1'), 'datagram'));
}
