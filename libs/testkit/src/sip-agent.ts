import { randomBytes } from 'node:crypto';
import type { DigestAlgorithm } from '@rollcall/digest';
import { parseMessage, type SipMessage, type SipResponse } from '@rollcall/sip';
import { formatHostPort, type HostPort } from '@rollcall/transport';
import { answerChallenge } from './agent-credentials.ts';
import { AgentInbox } from './agent-inbox.ts';
import { type AgentSocket, type AgentTls, type AgentTransport, openAgentSocket } from './agent-socket.ts';

/** Where the agent sends to, and from where. */
export interface SipAgentOptions {
  readonly transport: AgentTransport;
  readonly server: HostPort;
  /** Default: any port of 127.0.0.1. Not for tls, ws and wss. */
  readonly local?: HostPort;
  /** Needed for tls and wss. */
  readonly tls?: AgentTls;
  /** How long an answer may take, in milliseconds; default 10,000. */
  readonly timeoutMs?: number;
}

/** A request; what is left out gets a fresh, valid value. All texts are byte strings. */
export interface AgentRequest {
  readonly method: string;
  /** The Request-URI. */
  readonly uri: string;
  /** URI of the From header; default sip:agent@example.com. */
  readonly from?: string;
  readonly fromTag?: string;
  /** URI of the To header; default the Request-URI. */
  readonly to?: string;
  /** Of a request within a dialog. */
  readonly toTag?: string;
  readonly callId?: string;
  readonly cseq?: number;
  /** Branch of the Via header, magic cookie included. */
  readonly branch?: string;
  /** Further header rows, each "Name: value". */
  readonly headers?: readonly string[];
  readonly body?: string;
  /** Sends the request again as RFC 3261 §17.1 has it over UDP, until the final response; default false. */
  readonly retransmits?: boolean;
  readonly timeoutMs?: number;
}

/** A registration; {@link SipAgent.register} says what it does with it. */
export interface AgentRegistration {
  readonly aor: string;
  /** Default: the user part of the AOR. */
  readonly username?: string;
  readonly password: string;
  /** Value of the Contact header; default the agent's own address; empty for none, which asks for the bindings. */
  readonly contact?: string;
  /** Value of the Expires header, in seconds; default none. */
  readonly expires?: number;
  /** Default: the strongest that is offered. */
  readonly algorithm?: DigestAlgorithm;
  readonly callId?: string;
  readonly headers?: readonly string[];
  readonly retransmits?: boolean;
  readonly timeoutMs?: number;
}

interface Received {
  readonly bytes: Buffer;
  /** Undefined where the bytes are no SIP message. */
  readonly message: SipMessage | undefined;
}

const defaultTimeoutMs = 10_000;
/** T1 and T2 of RFC 3261 §17.1.1.1. */
const firstRetransmissionMs = 500;
const longestRetransmissionMs = 4000;

/**
 * A SIP user agent for tests, on a raw socket: it sends whatever text a test wants, right or wrong, and does only what
 * it is told. It opens its socket when it is first used; use it with `await using`, or close it.
 */
export class SipAgent implements AsyncDisposable {
  readonly #options: SipAgentOptions;
  readonly #inbox = new AgentInbox<Received>();
  readonly #callId = `${randomBytes(8).toString('hex')}@agent.test`;
  readonly #fromTag = randomBytes(4).toString('hex');
  #opening: Promise<AgentSocket> | undefined;
  #cseq = 0;

  constructor(options: SipAgentOptions) {
    this.#options = options;
  }

  /** Opens the socket, if it is not open, and says where it is. */
  async open(): Promise<HostPort> {
    return (await this.#socket()).local;
  }

  /** Sends one datagram, or so many bytes of the stream. */
  async sendText(text: string): Promise<void> {
    (await this.#socket()).send(Buffer.from(text, 'latin1'));
  }

  /**
   * Sends a request and waits for its final response. Provisional responses stay in the inbox. An INVITE's failure is
   * acknowledged, as RFC 3261 §17.1.1.3 has it.
   *
   * @throws AgentTimeout where no final response comes in time
   */
  async request(request: AgentRequest): Promise<SipResponse> {
    const branch = request.branch ?? newBranch();
    const complete = { ...request, branch, cseq: request.cseq ?? this.nextCseq() };
    const text = await this.format(complete);
    const timeoutMs = request.timeoutMs ?? this.#options.timeoutMs ?? defaultTimeoutMs;
    const stop = request.retransmits === true ? this.#retransmit(text) : undefined;
    try {
      await this.sendText(text);
      const response = await this.#response(request.method, branch, timeoutMs);
      if (request.method === 'INVITE' && response.status >= 300) await this.#acknowledge(complete, response);
      return response;
    } finally {
      stop?.();
    }
  }

  /** The text of a request as {@link request} sends it, to be changed or sent twice. */
  async format(request: AgentRequest): Promise<string> {
    const { transport } = this.#options;
    const local = await this.#address();
    const { method, body = '' } = request;
    const rows = [
      `${method} ${request.uri} SIP/2.0`,
      `Via: SIP/2.0/${transport.toUpperCase()} ${local};branch=${request.branch ?? newBranch()};rport`,
      'Max-Forwards: 70',
      `From: <${request.from ?? 'sip:agent@example.com'}>;tag=${request.fromTag ?? this.#fromTag}`,
      `To: <${request.to ?? request.uri}>${request.toTag === undefined ? '' : `;tag=${request.toTag}`}`,
      `Call-ID: ${request.callId ?? this.#callId}`,
      `CSeq: ${request.cseq ?? this.nextCseq()} ${method}`,
      ...(request.headers ?? []),
      `Content-Length: ${body.length}`,
    ];
    return `${rows.join('\r\n')}\r\n\r\n${body}`;
  }

  /**
   * Registers as a phone does: REGISTER, credentials for the challenge, REGISTER again, in one Call-ID with rising CSeq.
   *
   * @returns the last response: to the credentials, or to the first REGISTER where that was no 401
   */
  async register(registration: AgentRegistration): Promise<SipResponse> {
    const { aor, algorithm, password } = registration;
    const uri = `sip:${aor.slice(aor.indexOf('@') + 1)}`;
    const username = registration.username ?? aor.slice(aor.indexOf(':') + 1, aor.indexOf('@'));
    const contact = registration.contact ?? (await this.contactFor(username));
    const headers = [...(registration.headers ?? [])];
    if (contact !== '') headers.push(`Contact: ${contact}`);
    if (registration.expires !== undefined) headers.push(`Expires: ${registration.expires}`);
    const request = { ...registration, method: 'REGISTER', uri, from: aor, to: aor };

    const challenged = await this.request({ ...request, headers });
    if (challenged.status !== 401) return challenged;
    const answer = { username, password, method: 'REGISTER', uri, ...(algorithm && { algorithm }) };
    const authorization = `Authorization: ${answerChallenge(challenged, answer)}`;
    return this.request({ ...request, headers: [...headers, authorization] });
  }

  /** A Contact value of this agent's own address, for example `<sip:alice@127.0.0.1:40123>`. */
  async contactFor(user: string): Promise<string> {
    const { transport } = this.#options;
    // RFC 7118 §5.2: the parameter is ws for both kinds of WebSocket.
    const param = transport === 'udp' ? '' : `;transport=${transport === 'wss' ? 'ws' : transport}`;
    return `<sip:${user}@${await this.#address()}${param}>`;
  }

  /** The next SIP message, of either kind; keep-alives are passed over. */
  async nextMessage(timeoutMs = defaultTimeoutMs): Promise<SipMessage> {
    const received = await this.#inbox.take(({ bytes }) => bytes.length > 2, 'SIP message', timeoutMs);
    return received.message ?? this.#parse(received.bytes);
  }

  /** The next bytes, whatever they are: a message, or the CRLF that answers a keep-alive. */
  async nextText(timeoutMs = defaultTimeoutMs): Promise<string> {
    return (await this.#inbox.take(() => true, 'bytes', timeoutMs)).bytes.toString('latin1');
  }

  /** A CSeq higher than any before. */
  nextCseq(): number {
    this.#cseq += 1;
    return this.#cseq;
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    if (opening === undefined) return;
    this.#inbox.end(new Error('the agent was closed'));
    const socket = await opening.catch(() => undefined);
    await socket?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Where the agent is, as its messages say it: without a port where it has only a name. */
  async #address(): Promise<string> {
    const local = await this.open();
    return local.port === 0 ? local.host : formatHostPort(local);
  }

  #socket(): Promise<AgentSocket> {
    const { transport, server, local = { host: '127.0.0.1', port: 0 }, tls } = this.#options;
    const sink = {
      onBytes: (bytes: Buffer) => this.#inbox.put({ bytes, message: this.#parseOrNothing(bytes) }),
      onEnd: (reason: Error) => this.#inbox.end(reason),
    };
    this.#opening ??= openAgentSocket(transport, server, local, sink, tls);
    return this.#opening;
  }

  #parse(bytes: Buffer): SipMessage {
    const { transport } = this.#options;
    return parseMessage(bytes, transport === 'tcp' || transport === 'tls' ? 'stream' : 'datagram');
  }

  #parseOrNothing(bytes: Buffer): SipMessage | undefined {
    try {
      return this.#parse(bytes);
    } catch {
      return undefined;
    }
  }

  async #response(method: string, branch: string, timeoutMs: number): Promise<SipResponse> {
    const isAnswer = (message: SipMessage | undefined): message is SipResponse =>
      message?.kind === 'response' &&
      message.status >= 200 &&
      message.topVia.branch === branch &&
      message.cseq.method === method;
    const what = `final response to ${method}`;
    const { message } = await this.#inbox.take((received) => isAnswer(received.message), what, timeoutMs);
    if (!isAnswer(message)) throw new Error('the inbox gave something else');
    return message;
  }

  /** Returns what stops it. */
  #retransmit(text: string): () => void {
    if (this.#options.transport !== 'udp') return () => undefined;
    let intervalMs = firstRetransmissionMs;
    let timer: NodeJS.Timeout;
    const again = () => {
      void this.sendText(text);
      intervalMs = Math.min(intervalMs * 2, longestRetransmissionMs);
      timer = setTimeout(again, intervalMs);
    };
    timer = setTimeout(again, intervalMs);
    return () => clearTimeout(timer);
  }

  /** The ACK of a failure belongs to the INVITE's transaction: same branch, the To header of the response. */
  async #acknowledge(invite: AgentRequest, response: SipResponse): Promise<void> {
    const text = await this.format({ ...invite, method: 'ACK', headers: [], body: '' });
    await this.sendText(text.replace(/\r\nTo: [^\r]*/, `\r\nTo: ${response.row('to')}`));
  }
}

function newBranch(): string {
  return `z9hG4bK${randomBytes(8).toString('hex')}`;
}
