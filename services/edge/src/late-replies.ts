import type { SipRequest } from '@rollcall/sip';
import { type Flow, reconnectTarget } from '@rollcall/transport';
import type { OutgoingFlows } from './outgoing-flows.ts';

/** Connections being made for responses at one time: whoever sends requests and hangs up gets no more of us. */
const mostAtOnce = 64;

/**
 * Responses whose connection is gone: they go by a new one to where the request's sender says that it listens, at the
 * address that it was seen at (RFC 3261 §18.2.2).
 */
export class LateReplies {
  readonly #outgoing: Pick<OutgoingFlows, 'reach'>;
  #underWay = 0;

  constructor(outgoing: Pick<OutgoingFlows, 'reach'>) {
    this.#outgoing = outgoing;
  }

  /** Sends it if it can be done; nobody waits for it. */
  send(request: SipRequest, flow: Flow, bytes: Buffer): void {
    if (this.#underWay >= mostAtOnce) return;
    this.#underWay += 1;
    void this.#outgoing.reach(flow.transport, reconnectTarget(request.topVia, flow.remote)).then((other) => {
      this.#underWay -= 1;
      other?.send(bytes);
    });
  }
}
