import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { failureOf, type HandshakeFailure } from './handshake-failure.ts';
import { peerDomainsOf } from './peer-domains.ts';
import {
  type CertificateFacts,
  checkClientCa,
  choosePair,
  type LoadedKeyPair,
  loadKeyPair,
  type TlsIdentity,
} from './tls-identity.ts';

/** Whom TLS asks for a certificate: nobody, everybody, or everybody but without insisting. */
export type ClientCertificates = 'none' | 'optional' | 'required';

/** Takes a socket whose TLS handshake is done, and the SIP domains that its peer has proved (RFC 5922 §7.4). */
export type OnSecure = (socket: TLSSocket, peerDomains: readonly string[] | undefined) => void;

/** Told of every handshake, for metrics. */
export interface HandshakeObserver {
  onSecure(elapsedMs: number): void;
  onFailed(failure: HandshakeFailure): void;
}

/** A handshake that an acceptor waits for. */
interface Handshaking {
  readonly onSecure: OnSecure;
  /** By the monotonic clock. */
  readonly sinceMs: number;
}

/**
 * The server's side of TLS, for sockets that somebody else has accepted. Sessions are resumed by tickets, whose keys are
 * this process's own and end with it or with the certificate.
 */
export class TlsAcceptor {
  readonly #server: Server;
  /** Sockets in their handshake, by their two addresses: the one thing that the secured socket has in common with them. */
  readonly #waiting = new Map<string, Handshaking>();
  readonly #observer: HandshakeObserver | undefined;
  #pairs: readonly LoadedKeyPair[];

  /** @throws Error whose message says what is wrong with the identity */
  constructor(
    identity: TlsIdentity,
    clientCertificates: ClientCertificates = 'none',
    observer?: HandshakeObserver,
  ) {
    this.#pairs = loadPairs(identity);
    this.#observer = observer;
    this.#server = createServer({
      ...serverOptions(identity),
      sessionIdContext: 'rollcall',
      requestCert: clientCertificates !== 'none',
      rejectUnauthorized: clientCertificates === 'required',
      // The listener counts, from the socket's first moment.
      handshakeTimeout: 0x7fff_ffff,
      SNICallback: (serverName, answer) => answer(null, choosePair(this.#pairs, serverName)?.context),
    });
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    // Whatever it is, its socket is closed with it, and is counted then.
    this.#server.on('tlsClientError', (error, socket) => {
      observer?.onFailed(failureOf(error));
      socket.destroy();
    });
  }

  /** What its certificates say, in the order of the identity. */
  get certificates(): readonly CertificateFacts[] {
    return this.#pairs.map(({ facts }) => facts);
  }

  /**
   * Uses another identity from the next handshake on; open connections are left as they are.
   *
   * @throws Error whose message says what is wrong; the one before stays in use
   */
  replace(identity: TlsIdentity): void {
    const pairs = loadPairs(identity);
    this.#server.setSecureContext(serverOptions(identity));
    this.#pairs = pairs;
  }

  /** Speaks TLS with a client that has just connected. */
  accept(socket: Socket, onSecure: OnSecure): void {
    const key = addressesOf(socket);
    this.#waiting.set(key, { onSecure, sinceMs: performance.now() });
    socket.once('close', () => this.#waiting.delete(key));
    this.#server.emit('connection', socket);
  }

  #secured(socket: TLSSocket): void {
    const key = addressesOf(socket);
    const handshaking = this.#waiting.get(key);
    this.#waiting.delete(key);
    if (handshaking === undefined) {
      socket.destroy();
      return;
    }
    this.#observer?.onSecure(performance.now() - handshaking.sinceMs);
    handshaking.onSecure(socket, socket.authorized ? provenBy(socket) : undefined);
  }
}

function loadPairs({ keyPairs, clientCa }: TlsIdentity): LoadedKeyPair[] {
  if (clientCa !== undefined) checkClientCa(clientCa);
  return keyPairs.map((pair) => loadKeyPair(pair, clientCa));
}

function serverOptions({ keyPairs, clientCa }: TlsIdentity) {
  return {
    cert: keyPairs[0]?.cert,
    key: keyPairs[0]?.key,
    // RFC 8996: nothing older than TLS 1.2.
    minVersion: 'TLSv1.2' as const,
    ...(clientCa === undefined ? {} : { ca: clientCa }),
  };
}

function provenBy(socket: TLSSocket): readonly string[] | undefined {
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? undefined : peerDomainsOf(certificate);
}

function addressesOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress} ${socket.localPort}`;
}
