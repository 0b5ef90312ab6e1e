import type { Metrics } from '@rollcall/runtime';

/** Numbers of the transaction table now. */
export interface TransactionCounts {
  /** Transactions under way. */
  readonly live: number;
  /** Those of them that are INVITEs. */
  readonly liveInvites: number;
  /** All entries: transactions under way, and answers kept for retransmissions. */
  readonly held: number;
}

/** Shows the size of the transaction table, read at each scrape. */
export function exposeTransactions(metrics: Metrics, read: () => TransactionCounts): void {
  metrics.gauge({
    name: 'rollcall_sip_transactions',
    help: 'Transactions under way, whose final response (for INVITE: its ACK) is still due.',
    labels: { side: ['server'], kind: ['invite', 'non_invite'] },
    collect: (gauge) => {
      const { live, liveInvites } = read();
      gauge.with({ side: 'server', kind: 'invite' }).set(liveInvites);
      gauge.with({ side: 'server', kind: 'non_invite' }).set(live - liveInvites);
    },
  });
  metrics.gauge({
    name: 'rollcall_sip_answers_kept',
    help: 'Final responses kept for retransmissions of their requests (timer J).',
    collect: (gauge) => {
      const { held, live } = read();
      gauge.with({}).set(held - live);
    },
  });
}
