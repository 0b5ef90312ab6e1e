import type { AgentTransport, SipAgent } from '@rollcall/testkit';
import type { IssuedCertificate } from '@rollcall/testkit/certificates';
import type { HostPort } from '@rollcall/transport';
import type { Lab } from './lab.ts';
import type { RawTcp, RawUdp } from './raw-sockets.ts';
import type { Secured } from './secured.ts';
import type { TestUser } from './test-users.ts';

/** One test of one row, over real sockets. A row may have several. */
export interface ConformanceCase {
  /** ID of the row. */
  readonly row: string;
  /** What this case tries, where the row has several. */
  readonly title?: string;
  /** Waits for timers of 20 s or more, or starts the product anew: not part of the short run. */
  readonly slow?: boolean;
  /** Default 30 s; 300 s where slow. */
  readonly timeoutMs?: number;
  /**
   * Does what the row says.
   *
   * @throws an error that says what was expected and what came
   */
  run(target: ConformanceTarget): Promise<void>;
}

/** A row without a case, and why. */
export interface ExcusedRow {
  readonly row: string;
  readonly reason: string;
}

/** How the product was started. */
export type TargetKind = 'standalone' | 'services';

/** How a case wants a product of its own. */
export interface OwnTargetOptions {
  /** Default: as the suite's own. */
  readonly kind?: TargetKind;
  /** Variables that differ from the suite's. */
  readonly env?: Readonly<Record<string, string>>;
  /** Text of its subscribers.yaml; default the suite's. */
  readonly subscribers?: string;
}

/** The running product as one case sees it. What a case opens here is closed when the case ends. */
export interface ConformanceTarget {
  readonly kind: TargetKind;
  /** SIP over UDP and TCP. */
  readonly sip: HostPort;
  /** Its listeners for TLS and WebSockets, and who signed their certificates. */
  readonly secured: Secured;
  /** "host:port" of the public gRPC API. */
  readonly locationApi: string;
  /** Everything that its processes wrote so far. */
  output(): string;
  /** A user agent with a socket of its own; default UDP. Over TLS it may have a certificate. */
  agent(transport?: AgentTransport, own?: IssuedCertificate): SipAgent;
  /** A UDP socket that hears everybody; default any port of 127.0.0.1. */
  rawUdp(local?: Partial<HostPort>): Promise<RawUdp>;
  /** A TCP connection to the product; default to where it serves SIP over TCP. */
  rawTcp(server?: HostPort): Promise<RawTcp>;
  /** A subscriber that no other case uses. */
  freshUser(): TestUser;
  /** Starts another product for this case alone. Takes seconds: mark the case slow. */
  startOwn(options: OwnTargetOptions): Promise<ConformanceTarget>;
  /** Five processes with Redis and two edges, to pause and kill; one case at a time has it. Mark the case slow. */
  lab(): Promise<Lab>;
}
