import type { SipUri } from '@rollcall/sip';
import { type Flow, formatHostPort, type Listener, type TransportName } from '@rollcall/transport';
import type { OwnAddress } from '../own-address.ts';
import type { EdgeAddress, FlowTokens } from './flow-tokens.ts';
import { plainHost } from './plain-host.ts';

/** How a URI says its transport; UDP is what it means without. */
const transportParams: Readonly<Record<TransportName, string>> = {
  udp: '',
  tcp: ';transport=tcp',
  tls: ';transport=tls',
  ws: ';transport=ws',
  wss: ';transport=ws',
};

const defaultPorts = { sip: 5060, sips: 5061 } as const;

/** Whether a flow keeps what a sips URI promises. */
export function isSecure({ transport }: Pick<Flow, 'transport'>): boolean {
  return transport === 'tls' || transport === 'wss';
}

/** What {@link EdgeFlows} is made of. */
export interface EdgeFlowsParts {
  readonly tokens: Pick<FlowTokens, 'seal'>;
  readonly own: Pick<OwnAddress, 'of' | 'forOthers' | 'all'>;
  /** EDGE_NAME. */
  readonly edge: string;
  /** Filled by the time they are asked for. */
  readonly listeners: readonly Pick<Listener, 'transport'>[];
}

/** URIs of this edge that name one of its flows: what it puts into Path and Record-Route (RFC 5626 §5). */
export class EdgeFlows {
  readonly #parts: EdgeFlowsParts;

  constructor(parts: EdgeFlowsParts) {
    this.#parts = parts;
  }

  /** Where callers and other edges find this one, whatever transport the flow's phone speaks. */
  addressFor({ local, remote }: Flow): EdgeAddress {
    const udp = this.#parts.listeners.some(({ transport }) => transport === 'udp');
    return { ...this.#parts.own.forOthers({ transport: udp ? 'udp' : 'tcp', local, remote }), udp };
  }

  /**
   * Says whether a URI leads to this edge, as whoever sent something along the flow knows it. What is asked of the system for
   * that is asked once, however many URIs are looked at.
   */
  recogniser({ local, remote }: Flow): (uri: SipUri) => boolean {
    let own: Set<string> | undefined;
    return ({ scheme, host, port = defaultPorts[scheme] }) => {
      own ??= new Set(
        this.#parts.own
          .all({ local, remote })
          .map((each) => `${plainHost(each.host.toLowerCase())} ${each.port}`),
      );
      return own.has(`${plainHost(host)} ${port}`);
    };
  }

  /**
   * The Path by which callers reach whoever is at the other end of the flow; `ob` where outbound is kept (§5.1). With `sips` it is
   * a sips URI, by which they come over TLS, where this edge serves it (RFC 5630 §5.2).
   */
  pathOf(flow: Flow, { ob, sips }: { readonly ob: boolean; readonly sips: boolean }): string {
    const { own, listeners } = this.#parts;
    const { local, remote } = flow;
    const token = this.#tokenOf(flow, undefined);
    const end = `;lr${ob ? ';ob' : ''}>`;
    if (sips && listeners.some(({ transport }) => transport === 'tls'))
      return `<sips:${token}@${formatHostPort(own.forOthers({ local, remote, transport: 'tls' }))}${end}`;
    const address = this.addressFor(flow);
    return `<sip:${token}@${formatHostPort(address)}${address.udp ? '' : transportParams.tcp}${end}`;
  }

  /**
   * Two Record-Route values, one for each side (RFC 5658): on top that which faces the flow that a request leaves by, then
   * that which faces its sender. Each names its own side's flow, so whoever comes back with both, from either side, is led
   * to the other's. They are good for this call only. For a sips URI they are sips URIs (RFC 3261 §16.6 step 4), but for a side where TLS
   * ends in front of the edge.
   */
  recordRouteOf(callId: string, from: Flow, to: Flow, sips: boolean): string[] {
    return [to, from].map((flow) => {
      const host = formatHostPort(this.#parts.own.of(flow));
      const token = this.#tokenOf(flow, callId);
      if (!sips || !isSecure(flow)) return `<sip:${token}@${host}${transportParams[flow.transport]};lr>`;
      // With sips, no transport means TLS, and ws the secured one.
      return `<sips:${token}@${host}${flow.transport === 'wss' ? transportParams.wss : ''};lr>`;
    });
  }

  #tokenOf(flow: Flow, callId: string | undefined): string {
    const { tokens, edge } = this.#parts;
    return tokens.seal({ edge, address: this.addressFor(flow), flowToken: flow.flowToken, callId });
  }
}

/** Requests that may begin a dialog (RFC 3261 §12.1, RFC 6665 §4.1, RFC 3515). */
const dialogForming: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY']);

/** Whether a request begins a dialog whose requests must come back by this edge. */
export function needsRecordRoute(method: string, toTag: string | undefined): boolean {
  return toTag === undefined && dialogForming.has(method);
}
