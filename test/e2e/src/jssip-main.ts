/**
 * JsSIP, the SIP stack of browsers, as a program: registers over a WebSocket, writes one line of JSON for each thing that
 * happens, and takes its binding away when its input ends.
 *
 *   jssip-main.ts URL USER PASSWORD DOMAIN
 */
import { createRequire } from 'node:module';

/** What is used of JsSIP, which says nothing of its types. */
interface JsSip {
  readonly WebSocketInterface: new (url: string) => unknown;
  readonly UA: new (
    configuration: Readonly<Record<string, unknown>>,
  ) => {
    on(event: string, listen: (data: { cause?: string; response?: { status_code: number } }) => void): void;
    start(): void;
    unregister(): void;
    stop(): void;
  };
}

const [url = '', user = '', password = '', domain = ''] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const { WebSocketInterface, UA } = require('jssip') as JsSip;

const ua = new UA({
  sockets: [new WebSocketInterface(url)],
  uri: `sip:${user}@${domain}`,
  password,
  register_expires: 600,
});
for (const event of ['connected', 'disconnected', 'registered', 'unregistered', 'registrationFailed']) {
  ua.on(event, ({ cause, response }) => {
    console.log(JSON.stringify({ event, cause, status: response?.status_code }));
    if (event === 'unregistered') ua.stop();
    if (event === 'disconnected') process.exit(0);
  });
}
ua.start();
process.stdin.resume().on('end', () => ua.unregister());
