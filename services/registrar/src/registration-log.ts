import { type RegisterRequest, Transport } from '@rollcall/rpc';
import { type Clock, type Logger, LogLimit, traceIdOf } from '@rollcall/runtime';
import { sourceAddress } from './networks.ts';
import type { RegisterOutcome } from './proto-mapping.ts';

const transportNames: Readonly<Record<number, string>> = {
  [Transport.UDP]: 'udp',
  [Transport.TCP]: 'tcp',
  [Transport.TLS]: 'tls',
  [Transport.WS]: 'ws',
  [Transport.WSS]: 'wss',
};

/**
 * One line at info for what each REGISTER came to. Under load it is a sample: so many lines a second of those that were
 * granted and so many of the others, each line with the number left out before it. At debug nothing is left out.
 */
export class RegistrationLog {
  readonly #logger: Logger;
  readonly #nameAor: (aor: string) => string;
  readonly #granted: LogLimit;
  /** Apart, so that successes never crowd out a failure. */
  readonly #others: LogLimit;

  constructor(parts: {
    logger: Logger;
    clock: Clock;
    nameAor: (aor: string) => string;
    linesPerSecond: number;
  }) {
    this.#logger = parts.logger;
    this.#nameAor = parts.nameAor;
    this.#granted = new LogLimit(parts.linesPerSecond, parts.clock);
    this.#others = new LogLimit(parts.linesPerSecond, parts.clock);
  }

  /** Writes the line, if it may. */
  write(request: RegisterRequest, outcome: RegisterOutcome, durationMs: number, traceparent = ''): void {
    if (!this.#logger.isLevelEnabled('info')) return;
    const granted = outcome.kind === 'registered';
    const unsaid = (granted ? this.#granted : this.#others).mayLog();
    if (unsaid === undefined && !this.#logger.isLevelEnabled('debug')) return;
    const { callId, cseq, branch, flow } = request;
    const traceId = traceIdOf(traceparent);
    this.#logger.info(
      {
        aor: this.#nameAor(request.aor),
        callId,
        cseq,
        branch,
        code: codeOf(outcome),
        reason: granted ? outcome.plan.operation : outcome.reason,
        durationMs,
        transport: transportNames[flow?.transport ?? 0] ?? 'unknown',
        edge: flow?.edge ?? '',
        // Where guessed passwords come from is what whoever reads a failure wants to know.
        ...(granted ? undefined : { source: sourceAddress(flow?.remoteAddress ?? '') }),
        ...(traceId === undefined ? undefined : { traceId }),
        ...(unsaid === undefined || unsaid === 0 ? undefined : { unsaid }),
      },
      'REGISTER',
    );
  }
}

function codeOf(outcome: RegisterOutcome): number {
  if (outcome.kind === 'registered') return 200;
  return outcome.kind === 'rejected' ? outcome.status : 401;
}
