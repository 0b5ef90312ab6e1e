import { randomBytes } from 'node:crypto';
import type { Clock, Timer } from '@rollcall/runtime';
import { parseMessage, SipParseError, type SipResponse } from '@rollcall/sip';
import type { HostPort } from '@rollcall/transport';
import { type ClientTransport, openClientFlow } from './client-flow.ts';
import { noAnswer } from './no-answer.ts';
import { buildOutgoing, type OutgoingRequest } from './outgoing-request.ts';

/** A final response, and how long it took. */
export interface Answer {
  readonly response: SipResponse;
  readonly afterMs: number;
}

/** Sends requests to one server, one after the other. */
export interface SipCaller {
  readonly transport: ClientTransport;
  /** Where this end is reached. */
  readonly local: HostPort;
  /**
   * Sends a request and waits for its final response; an INVITE's is acknowledged.
   *
   * @throws CommandFailure with exit code 3 where there is no final response in time
   */
  send(request: OutgoingRequest): Promise<Answer>;
  close(): Promise<void>;
}

/** Settings of {@link openSipCaller}. */
export interface SipCallerOptions {
  readonly server: HostPort;
  readonly transport: ClientTransport;
  /** The port of this end; another is taken where it is in use. 0: any. */
  readonly localPort: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

const t1Ms = 500;
const t2Ms = 4_000;

interface Pending {
  readonly branch: string;
  readonly method: string;
  onResponse(response: SipResponse): void;
  onBroken(reason: string): void;
}

/** @throws CommandFailure with exit code 3 where there is no way to the server */
export async function openSipCaller(options: SipCallerOptions): Promise<SipCaller> {
  let pending: Pending | undefined;
  let broken = '';
  const { clock, timeoutMs } = options;
  const flow = await openClientFlow(options, {
    onMessage(bytes) {
      const response = readResponse(bytes, options.transport);
      if (response === undefined || pending === undefined) return;
      if (response.topVia.branch !== pending.branch || response.cseq.method !== pending.method) return;
      pending.onResponse(response);
    },
    onBroken(reason) {
      broken = reason;
      pending?.onBroken(reason);
    },
  });
  const send = async (request: OutgoingRequest): Promise<Answer> => {
    const startedAtMs = clock.nowMs();
    const branch = `z9hG4bK${randomBytes(9).toString('hex')}`;
    const bytes = buildOutgoing(request, flow, branch);
    const timers = new Set<Timer>();
    try {
      const response = await new Promise<SipResponse>((resolve, reject) => {
        const fail = (reason: string): void => reject(noAnswer(flow.server, flow.transport, reason));
        let repeating = !flow.reliable;
        pending = {
          branch,
          method: request.method,
          onResponse(received) {
            if (received.status >= 200) resolve(received);
            else if (request.method === 'INVITE') repeating = false;
          },
          onBroken: fail,
        };
        const repeat = (intervalMs: number): void => {
          timers.add(
            clock.after(intervalMs, () => {
              if (!repeating) return;
              flow.send(bytes);
              repeat(Math.min(intervalMs * 2, t2Ms));
            }),
          );
        };
        timers.add(clock.after(timeoutMs, () => fail('')));
        if (broken !== '') fail(broken);
        else {
          flow.send(bytes);
          repeat(t1Ms);
        }
      });
      if (request.method === 'INVITE' && response.status >= 300) {
        flow.send(buildOutgoing(ackOf(request, response), flow, branch));
      }
      return { response, afterMs: clock.nowMs() - startedAtMs };
    } finally {
      pending = undefined;
      for (const timer of timers) timer.cancel();
    }
  };
  return { transport: flow.transport, local: flow.local, send, close: () => flow.close() };
}

function ackOf(request: OutgoingRequest, response: SipResponse): OutgoingRequest {
  return { ...request, method: 'ACK', to: response.row('to') ?? request.to, headers: [] };
}

function readResponse(bytes: Buffer, transport: ClientTransport): SipResponse | undefined {
  try {
    const message = parseMessage(bytes, transport === 'udp' ? 'datagram' : 'stream');
    return message.kind === 'response' ? message : undefined;
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}
