import { once } from 'node:events';
import type { Socket } from 'node:net';

/** A phone's connection: what came so far, and a way to wait for more. */
export class Phone {
  readonly socket: Socket;
  received = '';

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
  }

  async until(holds: (received: string) => boolean): Promise<string> {
    const signal = AbortSignal.timeout(10_000);
    while (!holds(this.received)) await once(this.socket, 'data', { signal });
    return this.received;
  }

  async closed(): Promise<void> {
    if (this.socket.closed) return;
    // A reset is an end, too: once() would take its error for a failure.
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('not closed within 10 s')), 10_000);
      this.socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
