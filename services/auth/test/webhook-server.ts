import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hashUsername, readAlgorithm } from '@rollcall/digest';
import { z } from 'zod';
import type { PlainSubscriber } from './remote-subscribers.contract.ts';

/** How a carrier's own server may answer: everything that auth asks of a webhook, by the README. */
const requestSchema = z.union([
  z.object({ find: z.array(z.record(z.string(), z.string())) }),
  z.object({ longerNumber: z.object({ start: z.string() }) }),
  z.object({ scope: z.object({}) }),
  z.object({ changes: z.object({ after: z.string().optional(), holdSec: z.number().optional() }) }),
]);

/** A web server that knows subscribers. */
export class WebhookServer {
  readonly #token: string;
  #subscribers: PlainSubscriber[] = [];
  readonly #changed: { readonly domain: string; readonly username: string }[] = [];
  readonly #held = new Set<() => void>();
  #server: Server | undefined;
  #port = 0;

  constructor(token: string) {
    this.#token = token;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/subscribers`;
  }

  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then((answer) => {
        response.writeHead(typeof answer === 'number' ? answer : 200, { 'content-type': 'application/json' });
        response.end(typeof answer === 'number' ? '' : JSON.stringify(answer));
      });
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server?.listening !== true) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  put(subscriber: PlainSubscriber): void {
    this.#subscribers = this.#subscribers.filter(({ username }) => username !== subscriber.username);
    this.#subscribers.push(subscriber);
    this.#tell(subscriber);
  }

  remove(username: string): void {
    for (const each of this.#subscribers) if (each.username === username) this.#tell(each);
    this.#subscribers = this.#subscribers.filter((each) => each.username !== username);
  }

  clear(): void {
    for (const { username } of this.#subscribers) this.remove(username);
  }

  #tell({ domain, username }: PlainSubscriber): void {
    this.#changed.push({ domain, username });
    for (const release of this.#held) release();
  }

  async #answer(request: IncomingMessage): Promise<object | number> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
    if (request.headers.authorization !== `Bearer ${this.#token}`) return 401;
    const read = requestSchema.safeParse(JSON.parse(body));
    if (!read.success) return 400;
    const asked = read.data;
    if ('find' in asked) return { found: asked.find.map((question) => this.#find(question)) };
    if ('longerNumber' in asked) return { exists: this.#goesOn(asked.longerNumber.start) };
    if ('scope' in asked) return this.#scope();
    return this.#changesAfter(asked.changes.after);
  }

  #find({
    by,
    domain,
    username,
    hash = '',
    aor = '',
    number = '',
    algorithm = '',
  }: Record<string, string>): unknown[] {
    const hashes = readAlgorithm(algorithm)?.algorithm ?? 'MD5';
    return this.#subscribers.filter((each) => {
      const user = each.username.split('@')[0] ?? '';
      const names = [each.username, user, `${user}@${each.domain}`];
      if (by === 'number') return each.numbers?.includes(number);
      if (by === 'aor') {
        const own = decodeURIComponent(aor) === `sip:${user}@${each.domain}`;
        return own || each.aors?.includes(aor);
      }
      if (each.domain !== domain) return false;
      if (by === 'name') return names.includes(username ?? '');
      return names.some((name) => hashUsername(hashes, name, each.domain) === hash);
    });
  }

  #goesOn(start: string): boolean {
    return this.#subscribers.some(({ numbers = [] }) =>
      numbers.some((number) => number.startsWith(start) && number !== start),
    );
  }

  #scope(): object {
    const trusted = this.#subscribers.filter(
      ({ password, ha1 }) => password === undefined && ha1 === undefined,
    );
    return {
      domains: [...new Set(this.#subscribers.map(({ domain }) => domain))],
      trustedNetworks: Object.fromEntries(trusted.map(({ domain, networks = [] }) => [domain, networks])),
      subscribers: this.#subscribers.length,
    };
  }

  /** Holds the answer back until there is something to tell. */
  async #changesAfter(after: string | undefined): Promise<object> {
    const at = after === undefined ? this.#changed.length : Number(after);
    if (after !== undefined && at === this.#changed.length) {
      await new Promise<void>((resolve) => {
        const release = () => {
          clearTimeout(timer);
          this.#held.delete(release);
          resolve();
        };
        const timer = setTimeout(release, 2000);
        this.#held.add(release);
      });
    }
    return { cursor: String(this.#changed.length), changed: this.#changed.slice(at) };
  }
}
