import { createHash } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** What a test may have the registrar do. */
export interface FakeRules {
  /** Passwords by user name. */
  readonly passwords?: Readonly<Record<string, string>>;
  /** Values of the WWW-Authenticate rows; default: SHA-256 and MD5. */
  readonly challenges?: readonly string[];
  /** Answers this to everything. */
  readonly always?: { readonly status: string; readonly headers?: string };
  /** Contact values told to callers; default: those registered. */
  readonly redirectTo?: readonly string[];
  /** Takes so many datagrams without a word. */
  readonly deafFor?: number;
  /** Lets an INVITE ring until it is cancelled. */
  readonly rings?: true;
}

type Send = (status: string, headers: string, request?: string) => void;

const nonce = 'bm9uY2U=';
const realm = 'example.com';

/**
 * A registrar of one domain on a raw datagram socket. It reads and writes SIP with string functions only, so that nothing
 * here agrees with the product by sharing its code.
 */
export class FakeRegistrar {
  /** All datagrams that came, in order. */
  readonly heard: string[] = [];
  /** Contact values by user name. */
  readonly contacts = new Map<string, string[]>();
  readonly #socket: Socket;
  readonly #rules: FakeRules;
  #arrived: () => void = () => {};

  private constructor(socket: Socket, rules: FakeRules) {
    this.#socket = socket;
    this.#rules = rules;
    socket.on('message', (bytes, source) => this.#receive(bytes.toString('latin1'), source));
  }

  static async start(rules: FakeRules = {}): Promise<FakeRegistrar> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new FakeRegistrar(socket, rules);
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  /** Settles when a message with this method has come. */
  async waitFor(method: string): Promise<string> {
    for (;;) {
      const found = this.heard.find((text) => text.startsWith(`${method} `));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #receive(text: string, source: RemoteInfo): void {
    this.heard.push(text);
    this.#arrived();
    if (this.heard.length <= (this.#rules.deafFor ?? 0) || text.startsWith('ACK ')) return;
    const send: Send = (status, headers, request = text) => {
      this.#socket.send(
        Buffer.from(respond(request, status, headers), 'latin1'),
        source.port,
        source.address,
      );
    };
    const { always } = this.#rules;
    if (always !== undefined) send(always.status, always.headers ?? '');
    else if (this.#rules.rings) this.#ring(text, send);
    else if (text.startsWith('REGISTER ')) this.#register(text, send);
    else this.#redirect(text, send);
  }

  #register(text: string, send: Send): void {
    const user = /^To: <sip:([^@]+)@/m.exec(text)?.[1] ?? '';
    const authorization = /^Authorization: (.*)$/m.exec(text)?.[1];
    if (authorization === undefined || !this.#isRight(authorization)) {
      const challenges = this.#rules.challenges ?? [challenge('SHA-256'), challenge('MD5')];
      send('401 Unauthorized', challenges.map((each) => `WWW-Authenticate: ${each}\r\n`).join(''));
      return;
    }
    this.#bind(user, /^Contact: (.*)$/m.exec(text)?.[1]);
    const rows = (this.contacts.get(user) ?? []).map((each) => `Contact: ${each}\r\n`).join('');
    send('200 OK', rows);
  }

  #bind(user: string, contact: string | undefined): void {
    const before = this.contacts.get(user) ?? [];
    if (contact === '*') this.contacts.set(user, []);
    else if (contact !== undefined) {
      const uri = contact.slice(0, contact.indexOf('>') + 1);
      const others = before.filter((each) => !each.startsWith(uri));
      this.contacts.set(user, contact.endsWith(';expires=0') ? others : [...others, contact]);
    }
  }

  #isRight(authorization: string): boolean {
    const value = (name: string): string =>
      new RegExp(`[ ,]${name}="?([^",]*)"?`).exec(authorization)?.[1] ?? '';
    const algorithm = value('algorithm') === 'SHA-256' ? 'sha256' : 'md5';
    const hash = (text: string): string => createHash(algorithm).update(text).digest('hex');
    const password = this.#rules.passwords?.[value('username')] ?? '';
    const ha1 = hash(`${value('username')}:${realm}:${password}`);
    const ha2 = hash(`REGISTER:${value('uri')}`);
    const parts = [ha1, nonce, value('nc'), value('cnonce'), value('qop'), ha2];
    return value('response') === hash(parts.join(':'));
  }

  #ring(text: string, send: Send): void {
    if (text.startsWith('INVITE ')) {
      send('180 Ringing', '');
      return;
    }
    send('200 OK', '');
    const invite = this.heard.find((each) => each.startsWith('INVITE '));
    if (invite !== undefined) send('487 Request Terminated', '', invite);
  }

  #redirect(text: string, send: Send): void {
    const user = /^[A-Z]+ sip:([^@]+)@/.exec(text)?.[1] ?? '';
    const contacts = this.#rules.redirectTo ?? this.contacts.get(user) ?? [];
    const rows = contacts.map((each) => `Contact: ${each}\r\n`).join('');
    if (contacts.length === 0) send('480 Temporarily Unavailable', '');
    else send('302 Moved Temporarily', rows);
  }
}

/** The value of a WWW-Authenticate row. */
export function challenge(algorithm: string, more = ''): string {
  return `Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"${more}`;
}

function respond(request: string, status: string, headers: string): string {
  const copied = request
    .split('\r\n')
    .filter((row) => /^(Via|From|Call-ID|CSeq):/.test(row))
    .join('\r\n');
  const to = /^To: (.*)$/m.exec(request)?.[1]?.trim() ?? '';
  return `SIP/2.0 ${status}\r\n${copied}\r\nTo: ${to};tag=fake\r\n${headers}Content-Length: 0\r\n\r\n`;
}
