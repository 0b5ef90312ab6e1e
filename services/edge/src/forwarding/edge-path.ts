import { isIP } from 'node:net';
import { parseUri, SipParseError, type SipRequest, type SipUri } from '@rollcall/sip';
import type { Flow } from '@rollcall/transport';
import { type EdgeFlows, isSecure } from './edge-flows.ts';
import { plainHost } from './plain-host.ts';

/** EDGE_PATH: whose calls come by this edge. */
export type PathPolicy = 'needed' | 'supported';

/**
 * Gives a registration this edge's own Path (RFC 3327 §5.2, RFC 5626 §5.1), where the edge is the phone's first hop and
 * nobody else has put a Path in.
 */
export class EdgePath {
  readonly #flows: Pick<EdgeFlows, 'pathOf'>;
  readonly #policy: PathPolicy;

  constructor(flows: Pick<EdgeFlows, 'pathOf'>, policy: PathPolicy) {
    this.#flows = flows;
    this.#policy = policy;
  }

  /** The value of a Path header; empty for none. */
  of(request: SipRequest, flow: Flow): string {
    const { supported } = request;
    const outbound = supported.includes('outbound') && usesRegId(request);
    const wanted =
      outbound ||
      (supported.includes('path') && !isThirdParty(request, flow)) ||
      (this.#policy === 'needed' && isReachedByFlowOnly(request, flow));
    return wanted && request.path.length === 0 && request.vias.length === 1
      ? this.#flows.pathOf(flow, { ob: outbound, sips: isSecure(flow) && promisesTls(request) })
      : '';
  }
}

/** A sips contact is bound to a way of sips URIs only, all of them (RFC 5630 §5.2). */
function promisesTls({ requestUri, contacts }: SipRequest): boolean {
  if (contacts.star || contacts.contacts.length === 0) return false;
  return [requestUri, ...contacts.contacts.map(({ uri }) => uri)].every((uri) => /^sips:/i.test(uri));
}

function usesRegId({ contacts }: SipRequest): boolean {
  return !contacts.star && contacts.contacts.some(({ regId, instanceId }) => regId > 0 && instanceId !== '');
}

/** Whether a contact is an address that is not the sender's: what is meant for it must not go along the sender's flow. */
function isThirdParty(request: SipRequest, flow: Flow): boolean {
  const { contacts } = request;
  if (contacts.star) return false;
  return contacts.contacts.some(({ uri: text }) => {
    const uri = readSipUri(text);
    if (uri === undefined || isIP(plainHost(uri.host)) === 0) return false;
    return plainHost(uri.host) !== flow.remote.host && !isSendersOwn(uri, request, flow);
  });
}

/**
 * Whether the contacts are the sender's own, and one of them cannot be reached but by the flow: the far end of a connection,
 * or an address that is not where the request came from. A contact elsewhere (a third party's) is left as it is.
 */
function isReachedByFlowOnly(request: SipRequest, flow: Flow): boolean {
  const { contacts } = request;
  if (contacts.star || contacts.contacts.length === 0) return false;
  const { host, port } = flow.remote;
  // The usual phone over UDP that no NAT hides costs no more than this.
  const source = `@${host}:${port}`;
  if (!flow.reliable && contacts.contacts.every(({ uri }) => uri.includes(source))) return false;
  const uris = contacts.contacts.map(({ uri }) => readSipUri(uri));
  return (
    uris.every((uri) => uri !== undefined && isSendersOwn(uri, request, flow)) &&
    uris.some((uri) => uri !== undefined && !isReachable(uri, flow))
  );
}

/**
 * Whether whoever calls the URI gets to the sender without the flow: by UDP where the request came from, by a connection at
 * another port of the same address, where the phone listens.
 */
function isReachable({ host, port = 5060 }: SipUri, { reliable, remote }: Flow): boolean {
  return plainHost(host) === remote.host && (port === remote.port) !== reliable;
}

/**
 * A phone writes the address that it knows of itself into Via and Contact alike; where it is behind a NAT both are another
 * one than its packets show. A private address says the same of itself, unless it came from there, and so does one that
 * is made to lead nowhere (RFC 7118 §5).
 */
function isSendersOwn(uri: SipUri, { topVia }: SipRequest, { reliable, remote }: Flow): boolean {
  const host = plainHost(uri.host);
  const isSentBy =
    host === plainHost(topVia.host) && (reliable || (uri.port ?? 5060) === (topVia.port ?? 5060));
  if (isSentBy || host.endsWith('.invalid') || (reliable && host === remote.host)) return true;
  return host !== remote.host && isPrivate(host);
}

/** RFC 1918, RFC 6598, link-local, and unique local addresses of IPv6. */
const privateIpv4 =
  /^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;
const privateIpv6 = /^f([cd]|e[89ab])/i;

function isPrivate(host: string): boolean {
  const family = isIP(host);
  return family === 4 ? privateIpv4.test(host) : family === 6 && privateIpv6.test(host);
}

function readSipUri(text: string): SipUri | undefined {
  try {
    const uri = parseUri(text);
    return uri.kind === 'sip' ? uri : undefined;
  } catch (error) {
    // The registrar says what is wrong with it.
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}
