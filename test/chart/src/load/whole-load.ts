import type { ClientTlsFiles } from '@rollcall/client';
import type { HostPort } from '@rollcall/transport';
import { formatTable } from '../text-table.ts';
import { findLost } from './find-lost.ts';
import { PhoneFleet } from './phone-fleet.ts';
import { SippLoad } from './sipp-load.ts';
import { makeSubscribers, type Subscriber } from './subscribers.ts';

const sippPerSec = 10;
/** More than SIPp can get through before anything here is over. */
const sippSubscribers = makeSubscribers('s', 6000);
const udpPhones = makeSubscribers('u', 20);
const tcpPhones = makeSubscribers('t', 20);

/** All that {@link WholeLoad} registers as. */
export const loadSubscribers: readonly Subscriber[] = [...sippSubscribers, ...udpPhones, ...tcpPhones];

/** SIPp, and phones over UDP and over TCP, all at once. */
export class WholeLoad {
  readonly #sipp: SippLoad;
  readonly #udp: PhoneFleet;
  readonly #tcp: PhoneFleet;

  private constructor(sipp: SippLoad, udp: HostPort, tcp: HostPort) {
    this.#sipp = sipp;
    this.#udp = new PhoneFleet('udp', udp, udpPhones);
    this.#tcp = new PhoneFleet('tcp', tcp, tcpPhones);
  }

  static async start(udp: HostPort, tcp: HostPort): Promise<WholeLoad> {
    const sipp = await SippLoad.start(`${udp.host}:${udp.port}`, sippSubscribers, sippPerSec);
    return new WholeLoad(sipp, udp, tcp);
  }

  /** REGISTERs of the phones that were answered with something else than 200, until now. */
  get refused(): number {
    const all = [this.#udp, this.#tcp].flatMap(({ counts }) => [...counts.refused.values()]);
    return all.reduce((sum, count) => sum + count, 0);
  }

  /**
   * Ends it, and asks location for all that was acknowledged.
   *
   * @param target of location's API
   * @param tls what it is asked with; undefined where it speaks no TLS
   * @returns what was lost, how many REGISTERs of phones and of SIPp were refused or not answered, and a table of what happened
   */
  async stop(
    target: string,
    tls?: ClientTlsFiles,
  ): Promise<{ lost: string[]; refused: number; table: string; acknowledged: number }> {
    const [sipp, udp, tcp] = await Promise.all([this.#sipp.stop(), this.#udp.stop(), this.#tcp.stop()]);
    if (sipp.acknowledged.length === 0) throw new Error(`SIPp registered nobody: ${sipp.errors}`);
    const all = [...sipp.acknowledged, ...udp, ...tcp];
    const lost = await findLost(target, all, tls);
    await Promise.all([this.#udp.close(), this.#tcp.close()]);
    const fleet = (name: string, { counts }: PhoneFleet) => [
      name,
      counts.acknowledged,
      [...counts.refused].map(([status, count]) => `${count} × ${status}`).join(', ') || 'none',
      counts.unanswered,
      counts.reconnected,
      `${Math.round(counts.longestGapMs)} ms`,
    ];
    const table = formatTable([
      ['who', 'acknowledged', 'refused', 'unanswered', 'reconnected', 'longest wait'],
      ['SIPp, UDP', sipp.successful, `${sipp.failed} failed`, '', '', `${sipp.retransmissions} sent again`],
      fleet(`${udpPhones.length} phones, UDP`, this.#udp),
      fleet(`${tcpPhones.length} phones, TCP`, this.#tcp),
    ]);
    if (sipp.failed > 0) console.error(sipp.errors.slice(0, 2000));
    const unanswered = this.#udp.counts.unanswered + this.#tcp.counts.unanswered;
    const refused = this.refused + unanswered + sipp.failed;
    return { lost, refused, table, acknowledged: all.length };
  }
}
