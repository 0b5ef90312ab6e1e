import type { Metrics } from '@rollcall/runtime';

/** Numbers of the transaction table now. */
export interface TransactionCounts {
  /** Transactions under way. */
  readonly live: number;
  /** Those of them that are INVITEs. */
  readonly liveInvites: number;
  /** All entries: transactions under way, and answers kept for retransmissions. */
  readonly held: number;
  /** Requests of our own, forwarded ones among them, that wait for their final response, or for repetitions of it. */
  readonly clients: number;
  /** Those of them that are INVITEs. */
  readonly clientInvites: number;
}

/**
 * Shows the size of the transaction tables, read at each scrape.
 *
 * @param limit how many transactions may be under way before requests are shed
 */
export function exposeTransactions(metrics: Metrics, limit: number, read: () => TransactionCounts): void {
  metrics.gauge({
    name: 'rollcall_sip_transactions',
    help: 'Transactions under way, whose final response (for INVITE: its ACK) is still due; client: requests of our own, forwarded ones among them.',
    labels: { side: ['server', 'client'], kind: ['invite', 'non_invite'] },
    collect: (gauge) => {
      const { live, liveInvites, clients, clientInvites } = read();
      gauge.with({ side: 'server', kind: 'invite' }).set(liveInvites);
      gauge.with({ side: 'server', kind: 'non_invite' }).set(live - liveInvites);
      gauge.with({ side: 'client', kind: 'invite' }).set(clientInvites);
      gauge.with({ side: 'client', kind: 'non_invite' }).set(clients - clientInvites);
    },
  });
  metrics.gauge({
    name: 'rollcall_sip_admission_inflight',
    help: 'Requests admitted that have no final response yet.',
    collect: (gauge) => gauge.with({}).set(read().live),
  });
  metrics
    .gauge({
      name: 'rollcall_sip_admission_limit',
      help: 'How many requests may be in flight; beyond it new ones are answered 503 (transactions_full).',
    })
    .with({})
    .set(limit);
  metrics.gauge({
    name: 'rollcall_sip_answers_kept',
    help: 'Final responses kept for retransmissions of their requests (timer J).',
    collect: (gauge) => {
      const { held, live } = read();
      gauge.with({}).set(held - live);
    },
  });
}
