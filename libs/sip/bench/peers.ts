import { createRequire } from 'node:module';

/** What of another project's message the benchmark reads. */
interface PeerMessage {
  getHeader(name: string): string | undefined;
  getHeaders(name: string): readonly string[];
  parseHeader(name: string, index?: number): unknown;
}

type PeerParse = (text: string) => PeerMessage;

const require = createRequire(import.meta.url);
// Their parsers are no part of their public doors.
const jssip = require(require.resolve('jssip').replace('JsSIP.js', 'Parser.js')) as {
  parseMessage(text: string, userAgent: unknown): PeerMessage | undefined;
};
const sipjsFolder = import.meta.resolve('sip.js').replace('lib/index.js', 'lib/core/messages/');
const sipjs = (await import(`${sipjsFolder}parser.js`)) as {
  Parser: { parseMessage(text: string, logger: unknown): PeerMessage | undefined };
};

const silent = {
  warn: () => undefined,
  error: () => undefined,
  log: () => undefined,
  debug: () => undefined,
};

/** Both take text, which they are given ready made: reading bytes is not on their account. */
export const peers: readonly (readonly [name: string, parse: PeerParse])[] = [
  ['JsSIP 3.13.8', (text) => accepted(jssip.parseMessage(text, {}))],
  ['SIP.js 0.21.2', (text) => accepted(sipjs.Parser.parseMessage(text, silent))],
];

/** A message refused would be quick, and no figure. */
function accepted(message: PeerMessage | undefined): PeerMessage {
  if (message === undefined) throw new Error('refused');
  return message;
}

/** What their parsers have not read yet of what a registrar reads; they have read Via, From, To, CSeq and Contact. */
export function readPeerMessage(message: PeerMessage): number {
  const parsed = message.parseHeader('contact', 0);
  const rows = ['Authorization', 'Supported', 'Require', 'Path', 'User-Agent', 'Expires', 'Max-Forwards'];
  return rows.reduce(
    (sum, name) => sum + (message.getHeader(name)?.length ?? 0),
    parsed === undefined ? 0 : 1,
  );
}
