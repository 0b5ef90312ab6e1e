import type { Flow } from './flow.ts';
import { formatUdpToken, type UdpFlowSource } from './flow-table.ts';
import type { HostPort } from './host-port.ts';

/** A UDP socket and one peer. Made for each datagram: two fields, the rest is worked out when asked for. */
export class UdpFlow implements Flow {
  readonly remote: HostPort;
  readonly #listener: UdpFlowSource;

  constructor(listener: UdpFlowSource, remote: HostPort) {
    this.#listener = listener;
    this.remote = remote;
  }

  get transport(): 'udp' {
    return 'udp';
  }

  get reliable(): boolean {
    return false;
  }

  get framing(): 'datagram' {
    return 'datagram';
  }

  get local(): HostPort {
    return this.#listener.address;
  }

  get flowToken(): string {
    return formatUdpToken(this.#listener.address, this.remote);
  }

  get open(): boolean {
    return this.#listener.open;
  }

  send(bytes: Buffer): void {
    this.#listener.send(this.remote, bytes);
  }

  sendTo(remote: HostPort, bytes: Buffer): void {
    this.#listener.send(remote, bytes);
  }
}
