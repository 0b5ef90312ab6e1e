import { SipAgent } from '@rollcall/testkit';
import type { ConformanceTarget, OwnTargetOptions } from './conformance-case.ts';
import { handleLab, type Lab, type LabMachine, startLabMachine } from './lab.ts';
import { type Product, startProduct } from './product.ts';
import { openRawTcp, openRawUdp } from './raw-sockets.ts';
import { Turnstile } from './turnstile.ts';

/** What cases share beside the product: the lab, and the right to start another product. */
export class SharedMeans {
  /** Starting a product takes the machine's attention: from more than one at once the cases under way would suffer. */
  readonly starts = new Turnstile(1);
  /**
   * Closes the UDP sockets of all cases, once all have ended: what is still sent to one, the copies of an answer say, must
   * not come to a socket of another case that has got its port.
   */
  readonly closeLater: (() => Promise<void>)[] = [];
  readonly #labTurn = new Turnstile(1);
  #machine: Promise<LabMachine> | undefined;

  /** Waits for the lab, which is started when first asked for; `done` gives it to the next. */
  async takeLab(): Promise<{ readonly machine: LabMachine; done(): void }> {
    const done = await this.#labTurn.enter();
    try {
      this.#machine ??= startLabMachine();
      return { machine: await this.#machine, done };
    } catch (error) {
      done();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const close of this.closeLater) await close();
    const machine = await this.#machine?.catch(() => undefined);
    await machine?.stop();
  }
}

/** One case's view of a product, which closes everything that the case opened. */
export class CaseTarget {
  readonly #shared: SharedMeans;
  readonly #closers: (() => Promise<void>)[] = [];

  constructor(shared: SharedMeans) {
    this.#shared = shared;
  }

  /** What the case gets. */
  of(product: Product): ConformanceTarget {
    const { kind, sip, secured, locationApi } = product;
    return {
      kind,
      sip,
      secured,
      locationApi,
      output: () => product.output(),
      agent: (transport = 'udp', own) => {
        const server = transport === 'udp' || transport === 'tcp' ? sip : secured[transport];
        const tls = { ca: secured.authority.cert, serverName: 'example.com', ...own };
        const agent = new SipAgent({ transport, server, tls });
        const closers = transport === 'udp' ? this.#shared.closeLater : this.#closers;
        closers.push(() => agent.close());
        return agent;
      },
      rawUdp: async (local = {}) => {
        const socket = await openRawUdp(local);
        // A port that a case asks for is for the next one that does.
        const closers = local.port === undefined ? this.#shared.closeLater : this.#closers;
        closers.push(() => socket.close());
        return socket;
      },
      rawTcp: async (server = sip) => {
        const socket = await openRawTcp(server);
        this.#closers.push(() => socket.close());
        return socket;
      },
      freshUser: () => product.freshUser(),
      startOwn: (options) => this.#startOwn(kind, options),
      lab: () => this.#lab(),
    };
  }

  /** Closes everything, the newest first. */
  async close(): Promise<void> {
    for (const close of this.#closers.toReversed()) await close();
  }

  async #startOwn(kind: Product['kind'], options: OwnTargetOptions): Promise<ConformanceTarget> {
    const done = await this.#shared.starts.enter();
    try {
      const product = await startProduct(options.kind ?? kind, options);
      this.#closers.push(() => product.stop());
      return this.of(product);
    } finally {
      done();
    }
  }

  async #lab(): Promise<Lab> {
    const { machine, done } = await this.#shared.takeLab();
    const { tools, heal } = handleLab(machine);
    this.#closers.push(async () => {
      try {
        await heal();
      } finally {
        done();
      }
    });
    return { ...this.of(machine.product), ...tools };
  }
}
