import { formatHostPort, type HostPort } from '@rollcall/transport';
import type { AddressOfRecord } from './address-argument.ts';
import type { CliContext } from './cli-context.ts';
import type { ClientTransport } from './client-transports.ts';
import { ExchangeLog, type ExchangeStep } from './exchange-log.ts';
import { CommandFailure } from './exit-codes.ts';
import { type LoginOptions, readLogin } from './login-options.ts';
import { failedStep, type LocationTarget, type ProbeStep, probe } from './probe.ts';
import { type SipOptions, withCaller } from './sip-options.ts';

/** One way to the server that is probed. */
export interface ProbeWay {
  readonly server: HostPort;
  readonly transport: ClientTransport;
}

/** One probe of one way. */
export interface ProbeRound {
  readonly way: ProbeWay;
  readonly steps: readonly ProbeStep[];
  /** The messages, as JSON shows them. */
  readonly messages: readonly ExchangeStep[];
}

/**
 * Probes one way. Having no way to the server is what a probe is there to find: a failed step, no failure of the command.
 *
 * @throws CommandFailure where the password cannot be read
 */
export async function probeWay(
  way: ProbeWay,
  aor: AddressOfRecord,
  options: SipOptions & LoginOptions,
  location: LocationTarget | undefined,
  context: CliContext,
): Promise<ProbeRound> {
  // Read for each round: a Secret that is changed reaches a canary that runs.
  const login = readLogin(aor, options, context);
  const nowMs = (): number => context.clock.nowMs();
  const log = new ExchangeLog({ line: () => {}, mark: (text) => text });
  const startedAtMs = nowMs();
  try {
    const steps = await withCaller({ ...options, ...way }, aor, context, 0, (caller) =>
      probe(caller, { aor, login, location, nowMs }, log),
    );
    return { way, steps, messages: log.steps };
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return { way, steps: [failedStep('register', error, nowMs() - startedAtMs)], messages: log.steps };
  }
}

/** Whether every step went well. */
export function isGood({ steps }: ProbeRound): boolean {
  return steps.every(({ problem }) => problem === '');
}

/** A way in a word, for example "udp 192.0.2.1:5060". */
export function describeWay({ server, transport }: ProbeWay): string {
  return `${transport} ${formatHostPort(server)}`;
}

/** A round as JSON shows it. */
export function showRound(round: ProbeRound) {
  const { way, steps, messages } = round;
  return {
    server: formatHostPort(way.server),
    transport: way.transport,
    good: isGood(round),
    steps,
    messages,
  };
}
