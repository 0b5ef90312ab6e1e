import { Latencies } from './latencies.ts';
import type { Outcome, WorkerOrder } from './order.ts';
import {
  type Answer,
  formatCall,
  formatRegister,
  type Origin,
  type Phone,
  readAnswer,
  readNonce,
  readToTag,
} from './sip-text.ts';
import { openTcp, type UdpWires, type Wire } from './wires.ts';

const tcpConnections = 100;
/** Timer E of RFC 3261 section 17.1.2: T1, doubled each time. */
const t1Ms = 500;
const giveUpMs = 8000;
const sweepMs = 100;
/** Every tenth operation of the mix is a look-up. */
const lookUpEvery = 10;

interface Operation {
  readonly phone: Phone;
  readonly wire: Wire;
  readonly isCall: boolean;
  readonly beganAtMs: number;
  cseq: number;
  sentAtMs: number;
  resends: number;
  challenged: boolean;
  text: string;
}

/** Runs one order in this process. */
export class OrderRun {
  readonly #order: WorkerOrder;
  readonly #phones: (index: number) => Phone;
  readonly #udp: UdpWires;
  readonly #run: string;
  readonly #underWay = new Map<number, Operation>();
  readonly #latencies = new Latencies();
  readonly #unexpected: Record<string, number> = {};
  #wires: readonly Wire[] = [];
  #next: number;
  #begun = 0;
  #done = 0;
  #failed = 0;
  #retransmissions = 0;
  #lastAtMs = 0;
  #finish: () => void = () => undefined;

  constructor(order: WorkerOrder, run: string, udp: UdpWires, phones: (index: number) => Phone) {
    this.#order = order;
    this.#run = run;
    this.#udp = udp;
    this.#phones = phones;
    this.#next = order.from + ((order.worker - (order.from % order.workers) + order.workers) % order.workers);
  }

  async run(): Promise<Outcome> {
    await this.#open();
    const cpu = process.cpuUsage();
    const startedAtMs = performance.now();
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    const sweep = setInterval(() => this.#sweep(), sweepMs);
    this.#pace(startedAtMs);
    await finished;
    clearInterval(sweep);
    const { user, system } = process.cpuUsage(cpu);
    if (this.#order.transport === 'tcp') for (const wire of this.#wires) wire.close();
    return {
      done: this.#done,
      failed: this.#failed,
      retransmissions: this.#retransmissions,
      unexpected: this.#unexpected,
      elapsedMs: this.#lastAtMs - startedAtMs,
      latencies: this.#latencies.counts,
      cpuUs: user + system,
    };
  }

  async #open(): Promise<void> {
    const { transport, server } = this.#order;
    const onMessage = (text: string) => this.#onMessage(text);
    this.#udp.onMessage = onMessage;
    if (transport === 'udp') {
      this.#wires = await this.#udp.open();
      return;
    }
    const wires: Wire[] = [];
    while (wires.length < tcpConnections) wires.push(await openTcp(server, onMessage));
    this.#wires = wires;
  }

  /** Begins what is due, every millisecond: smooth arrivals, as those of many phones are. */
  #pace(startedAtMs: number): void {
    const { perSec, workers } = this.#order;
    const dueAt = (nowMs: number) =>
      perSec === undefined ? Number.POSITIVE_INFINITY : ((nowMs - startedAtMs) * perSec) / workers / 1000;
    this.#fill(dueAt(performance.now()));
    if (this.#exhausted) return;
    setTimeout(() => this.#pace(startedAtMs), 1);
  }

  get #exhausted(): boolean {
    return this.#next >= this.#order.from + this.#order.count;
  }

  #fill(due: number): void {
    const most = this.#order.inFlight / this.#order.workers;
    while (this.#begun < due && this.#underWay.size < most && !this.#exhausted) this.#begin();
    if (this.#exhausted && this.#underWay.size === 0) this.#finish();
  }

  #begin(): void {
    const { scenario, workers } = this.#order;
    const phone = this.#phones(this.#next);
    this.#next += workers;
    this.#begun += 1;
    const isCall = scenario === 'look-up' || (scenario === 'mixed' && this.#begun % lookUpEvery === 0);
    const nowMs = performance.now();
    const operation: Operation = {
      phone,
      wire: this.#wires[phone.index % this.#wires.length] as Wire,
      isCall,
      beganAtMs: nowMs,
      cseq: 0,
      sentAtMs: nowMs,
      resends: 0,
      challenged: false,
      text: '',
    };
    if (scenario === 'register') phone.nonce = '';
    this.#underWay.set(phone.index, operation);
    if (isCall) {
      operation.cseq = this.#begun;
      this.#send(operation, formatCall('INVITE', phone, this.#origin(operation), this.#begun, ''));
    } else this.#register(operation);
  }

  #register(operation: Operation): void {
    const { phone } = operation;
    phone.cseq += 1;
    if (phone.nonce !== '') phone.nc += 1;
    operation.cseq = phone.cseq;
    this.#send(operation, formatRegister(phone, this.#origin(operation)));
  }

  #send(operation: Operation, text: string): void {
    operation.text = text;
    operation.sentAtMs = performance.now();
    operation.resends = 0;
    operation.wire.send(text);
  }

  #origin({ wire }: Operation): Origin {
    return { transport: this.#order.transport, port: wire.port, run: this.#run };
  }

  #onMessage(text: string): void {
    const answer = readAnswer(text);
    const operation = answer === undefined ? undefined : this.#underWay.get(answer.index);
    // An answer to a request that came twice, or a provisional one.
    if (answer === undefined || operation?.cseq !== answer.cseq || answer.status < 200) return;
    if (operation.isCall) this.#onCallAnswer(operation, answer);
    else this.#onRegisterAnswer(operation, answer);
  }

  #onCallAnswer(operation: Operation, { status, text }: Answer): void {
    const { phone, wire, cseq } = operation;
    wire.send(formatCall('ACK', phone, this.#origin(operation), cseq, readToTag(text)));
    if (status === 302 && text.includes('\r\nContact: ')) this.#end(operation, true);
    else this.#refused(operation, `INVITE ${status}`);
  }

  #onRegisterAnswer(operation: Operation, { status, text }: Answer): void {
    if (status === 200) return this.#end(operation, true);
    if (status !== 401 || operation.challenged) return this.#refused(operation, `REGISTER ${status}`);
    operation.challenged = true;
    if (this.#order.scenario !== 'register') this.#count('a live nonce was refused');
    operation.phone.nonce = readNonce(text);
    operation.phone.nc = 0;
    this.#register(operation);
  }

  #refused(operation: Operation, what: string): void {
    this.#count(what);
    this.#end(operation, false);
  }

  #count(what: string): void {
    this.#unexpected[what] = (this.#unexpected[what] ?? 0) + 1;
  }

  #end(operation: Operation, good: boolean): void {
    const nowMs = performance.now();
    this.#lastAtMs = nowMs;
    this.#underWay.delete(operation.phone.index);
    if (good) {
      this.#done += 1;
      this.#latencies.add((nowMs - operation.beganAtMs) * 1000);
    } else this.#failed += 1;
    // Without a rate the end of one is the begin of another; with one, only the last end matters here.
    this.#fill(this.#order.perSec === undefined ? Number.POSITIVE_INFINITY : 0);
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const operation of this.#underWay.values()) {
      if (nowMs - operation.beganAtMs > giveUpMs) this.#refused(operation, 'no answer');
      else if (
        this.#order.transport === 'udp' &&
        nowMs - operation.sentAtMs > t1Ms * 2 ** operation.resends
      ) {
        operation.resends += 1;
        operation.sentAtMs = nowMs;
        this.#retransmissions += 1;
        operation.wire.send(operation.text);
      }
    }
  }
}
