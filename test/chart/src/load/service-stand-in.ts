import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket as TcpSocket } from 'node:net';
import type { HostPort } from '@rollcall/transport';

/**
 * Stands in for a Service of Kubernetes, as kube-proxy makes it: one address in front of pods. A source on UDP stays with the
 * pod that it got first, until that pod is taken out: then its next datagram goes to another. A connection stays with its pod to
 * the end; new ones go to pods that are in. What it hides, as a node's address would, is the source of the phone.
 */
export class ServiceStandIn {
  readonly #endpoints = new Map<string, HostPort>();
  readonly #udp = createSocket('udp4');
  readonly #flows = new Map<string, { endpoint: string; readonly socket: Socket }>();
  readonly #tcp: Server;
  readonly #connections = new Set<TcpSocket>();

  constructor() {
    this.#tcp = createServer({ allowHalfOpen: true }, (phone) => this.#join(phone));
    this.#udp.on('message', (bytes, source) => this.#forward(bytes, source));
  }

  /** @returns the addresses for UDP and for TCP */
  async open(): Promise<{ udp: HostPort; tcp: HostPort }> {
    this.#udp.bind(0, '127.0.0.1');
    this.#tcp.listen(0, '127.0.0.1');
    await Promise.all([once(this.#udp, 'listening'), once(this.#tcp, 'listening')]);
    const { port } = this.#tcp.address() as AddressInfo;
    return {
      udp: { host: '127.0.0.1', port: this.#udp.address().port },
      tcp: { host: '127.0.0.1', port },
    };
  }

  add(id: string, endpoint: HostPort): void {
    this.#endpoints.set(id, endpoint);
  }

  /** As when a pod begins to go: nothing new goes there, and UDP goes elsewhere. */
  remove(id: string): void {
    this.#endpoints.delete(id);
  }

  close(): void {
    this.#udp.close();
    this.#tcp.close();
    for (const { socket } of this.#flows.values()) socket.close();
    for (const socket of this.#connections) socket.destroy();
  }

  #pick(): string | undefined {
    const ids = [...this.#endpoints.keys()];
    return ids[Math.floor(Math.random() * ids.length)];
  }

  #forward(bytes: Buffer, source: { address: string; port: number }): void {
    const key = `${source.address}:${source.port}`;
    let flow = this.#flows.get(key);
    if (flow === undefined || !this.#endpoints.has(flow.endpoint)) {
      const endpoint = this.#pick();
      if (endpoint === undefined) return;
      if (flow === undefined) {
        const socket = createSocket('udp4');
        socket.on('message', (answer) => this.#udp.send(answer, source.port, source.address));
        socket.on('error', () => undefined);
        flow = { endpoint, socket };
        this.#flows.set(key, flow);
      } else {
        flow.endpoint = endpoint;
      }
    }
    const endpoint = this.#endpoints.get(flow.endpoint);
    if (endpoint !== undefined) flow.socket.send(bytes, endpoint.port, endpoint.host);
  }

  #join(phone: TcpSocket): void {
    const endpoint = this.#endpoints.get(this.#pick() ?? '');
    if (endpoint === undefined) {
      phone.destroy();
      return;
    }
    const pod = connect({ ...endpoint, allowHalfOpen: true });
    for (const [from, to] of [
      [phone, pod],
      [pod, phone],
    ] as const) {
      this.#connections.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#connections.delete(from);
        to.destroySoon();
      });
    }
  }
}
