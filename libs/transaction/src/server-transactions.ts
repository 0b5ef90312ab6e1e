import { reasonPhrases, type SipRequest } from '@rollcall/sip';
import type { TransactionClock } from './clock.ts';
import { InviteServer } from './invite-server.ts';
import { KeptAnswers } from './kept-answers.ts';
import { KeyTable } from './key-table.ts';
import { NonInviteServer } from './non-invite-server.ts';
import type { ReplyPath } from './reply-path.ts';
import { sendMessage } from './send-message.ts';
import type { LiveTransaction, ServerTransaction, TransactionTable } from './server-transaction.ts';
import { buildReply } from './stateless-reply.ts';
import { DEFAULT_TIMERS, lifetimeMs, type TimerSettings } from './timer-settings.ts';
import { TimerWheel } from './timer-wheel.ts';
import type { EventObserver } from './transaction-event.ts';
import { mergeKey, serverKey } from './transaction-key.ts';

/** Bounds of the table. */
export interface ServerTransactionLimits {
  /** Transactions under way, that is without final response or, for INVITE, without its ACK. Beyond it new requests are refused. */
  readonly transactions: number;
  /** Answers kept for repetitions of finished non-INVITE requests; beyond it the oldest go. */
  readonly answers: number;
  /** The same, in bytes of them and of what they are found by. */
  readonly answerBytes: number;
}

const DEFAULT_LIMITS: ServerTransactionLimits = {
  transactions: 100_000,
  answers: 400_000,
  answerBytes: 256 * 1024 * 1024,
};

/** Settings of {@link ServerTransactions}. */
export interface ServerTransactionsOptions {
  readonly clock: TransactionClock;
  /** A new request; to be answered by `respond` now or later. Also called for CANCEL where `onCancel` is absent and it fits. */
  readonly onRequest: (transaction: ServerTransaction) => void;
  /**
   * A CANCEL, which has a transaction of its own, and the INVITE that it means, if there is one; `matched` is true for a request
   * of another method, too, which it does not cancel: it is owed 200 all the same. Absent: the CANCEL is answered here with
   * 200 or 481, and an INVITE without final response with 487 (RFC 3261 §9.2).
   */
  readonly onCancel?: (
    cancel: ServerTransaction,
    invite: ServerTransaction | undefined,
    matched: boolean,
  ) => void;
  /** An ACK for a 2xx, or one that belongs to nothing (then without transaction). It is never answered. */
  readonly onAck?: (ack: SipRequest, path: ReplyPath, invite: ServerTransaction | undefined) => void;
  /** Counts; must not throw. */
  readonly onEvent?: EventObserver;
  readonly limits?: Partial<ServerTransactionLimits>;
  readonly timers?: Partial<TimerSettings>;
  /**
   * Tell merged requests (RFC 3261 §8.2.2.2). Only for a UAS: a proxy must let them pass (§16.3), so a request that is going
   * to be forwarded is received as `forwarded`. Default false.
   */
  readonly detectMerged?: boolean;
}

/** Methods beside INVITE whose requests somebody may try to cancel (RFC 3261 §9.1 asks him not to). */
const otherMethods = [
  'REGISTER',
  'OPTIONS',
  'MESSAGE',
  'SUBSCRIBE',
  'NOTIFY',
  'PUBLISH',
  'BYE',
  'INFO',
  'PRACK',
  'REFER',
  'UPDATE',
] as const;

/**
 * What became of a request. `new`: given to the user. `absorbed`: a repetition, or an ACK that did its work. `refused`: the
 * table is full, answer 503 statelessly. `merged`: answer 482 statelessly. `stray-ack`: an ACK that matched nothing.
 */
export type ReceiveResult = 'new' | 'absorbed' | 'refused' | 'merged' | 'stray-ack';

/** All server transactions of a process, whatever transports they came by (RFC 3261 §17.2). */
export class ServerTransactions {
  readonly #options: ServerTransactionsOptions;
  readonly #limits: ServerTransactionLimits;
  readonly #entries = new KeyTable<LiveTransaction>();
  readonly #merges = new KeyTable<LiveTransaction>();
  readonly #answers: KeptAnswers;
  readonly #table: TransactionTable;
  #live = 0;
  #liveInvites = 0;
  #closed = false;

  constructor(options: ServerTransactionsOptions) {
    const timers = { ...DEFAULT_TIMERS, ...options.timers };
    const wheel = new TimerWheel(options.clock, timers.tickMs);
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#answers = new KeptAnswers({
      wheel,
      lifetimeMs: lifetimeMs(timers),
      maxAnswers: this.#limits.answers,
      maxBytes: this.#limits.answerBytes,
      onForgotten: () => this.#table.notify('answer-forgotten'),
    });
    this.#table = {
      wheel,
      timers,
      notify: options.onEvent ?? (() => undefined),
      remove: (transaction) => this.#remove(transaction),
      replaceByAnswer: (transaction, bytes) => this.#replaceByAnswer(transaction, bytes),
    };
  }

  /** Entries held: transactions under way and answers kept. */
  get size(): number {
    return this.#live + this.#answers.size;
  }

  /** Transactions under way. */
  get liveCount(): number {
    return this.#live;
  }

  /** Those of them that are INVITEs. */
  get liveInviteCount(): number {
    return this.#liveInvites;
  }

  /**
   * Takes a request that has passed validation: top Via, Call-ID, CSeq, From and To can be read. `path` is where its responses
   * go. Calls back before it returns.
   *
   * @param forwarded true for what this process forwards as a proxy: it may come by several ways, or spiral
   */
  receive(request: SipRequest, path: ReplyPath, forwarded = false): ReceiveResult {
    if (this.#closed) return 'refused';
    if (request.method === 'ACK') return this.#receiveAck(request, path);
    const key = serverKey(request, request.method);
    if (this.#repeat(key, path)) return 'absorbed';
    const { notify } = this.#table;
    if (this.#live >= this.#limits.transactions) {
      notify('refused');
      return 'refused';
    }
    const merge =
      this.#options.detectMerged === true && request.to.tag === undefined ? mergeKey(request) : undefined;
    if (merge !== undefined && !forwarded && this.#merges.get(merge) !== undefined) {
      notify('merged');
      return 'merged';
    }
    this.#start(request, path, key, merge);
    return 'new';
  }

  /** Ends everything without a word, and takes no more. */
  close(): void {
    this.#closed = true;
    for (const transaction of this.#entries.values()) transaction.terminate();
    this.#table.wheel.close();
    this.#entries.clear();
    this.#answers.clear();
    this.#merges.clear();
    this.#live = 0;
    this.#liveInvites = 0;
  }

  #start(request: SipRequest, path: ReplyPath, key: string, merge: string | undefined): void {
    const transaction =
      request.method === 'INVITE'
        ? new InviteServer(request, path, key, merge, this.#table)
        : new NonInviteServer(request, path, key, merge, this.#table);
    this.#entries.add(key, transaction);
    if (merge !== undefined) this.#merges.add(merge, transaction);
    this.#live += 1;
    if (transaction.kind === 'invite') this.#liveInvites += 1;
    this.#table.notify('created');
    if (request.method === 'CANCEL') this.#cancel(transaction);
    else this.#options.onRequest(transaction);
  }

  /** True where the request is under way, or was answered. */
  #repeat(key: string, path: ReplyPath): boolean {
    const { notify } = this.#table;
    const transaction = this.#entries.get(key);
    if (transaction !== undefined) {
      notify('retransmission-absorbed');
      transaction.onRepetition();
      return true;
    }
    const answer = this.#answers.find(key);
    if (answer === undefined) return false;
    notify('retransmission-absorbed');
    notify('response-resent');
    // By the way of the repetition: the answer then needs no path of its own, and finds a NAT's new port.
    sendMessage(path, answer, notify);
    return true;
  }

  #receiveAck(request: SipRequest, path: ReplyPath): ReceiveResult {
    const invite = this.#findInvite(request);
    if (invite === undefined) this.#table.notify('ack-stray');
    if (invite === undefined || invite.state === 'accepted') {
      this.#options.onAck?.(request, path, invite);
      return invite === undefined ? 'stray-ack' : 'absorbed';
    }
    invite.onAck();
    return 'absorbed';
  }

  #cancel(cancel: ServerTransaction): void {
    const invite = this.#findInvite(cancel.request);
    const matched = invite !== undefined || this.#hasOther(cancel.request);
    if (this.#options.onCancel !== undefined) {
      this.#options.onCancel(cancel, invite, matched);
      return;
    }
    answer(cancel, matched ? 200 : 481);
    if (invite?.state === 'proceeding') answer(invite, 487);
  }

  /** Whether a CANCEL fits a request that is no INVITE, under way or answered. It does not name the method. */
  #hasOther(cancel: SipRequest): boolean {
    return otherMethods.some((method) => {
      const key = serverKey(cancel, method);
      return this.#entries.get(key) !== undefined || this.#answers.find(key) !== undefined;
    });
  }

  #findInvite(request: SipRequest): InviteServer | undefined {
    const entry = this.#entries.get(serverKey(request, 'INVITE'));
    return entry instanceof InviteServer ? entry : undefined;
  }

  #remove(transaction: LiveTransaction): void {
    this.#entries.remove(transaction.key, transaction);
    this.#leave(transaction);
  }

  #replaceByAnswer(transaction: LiveTransaction, bytes: Buffer): void {
    this.#answers.keep(transaction.key, bytes);
    this.#remove(transaction);
  }

  #leave(transaction: LiveTransaction): void {
    this.#live -= 1;
    if (transaction.kind === 'invite') this.#liveInvites -= 1;
    const { mergeKey: merge } = transaction;
    if (merge !== undefined) this.#merges.remove(merge, transaction);
  }
}

function answer(transaction: ServerTransaction, status: number): void {
  const { request, path } = transaction;
  transaction.respond(status, buildReply(request, path, status, reasonPhrases[status] ?? ''));
}
