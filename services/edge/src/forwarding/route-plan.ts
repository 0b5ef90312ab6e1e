import { parseAddress, parseUri, type SipRequest, type SipUri, type Uri } from '@rollcall/sip';
import { type FlowTokens, looksLikeToken, type OpenedFlow } from './flow-tokens.ts';

/** Where a request goes on to, as its Route and Request-URI say (RFC 3261 §16.4, RFC 5626 §5.3). */
export type RoutePlan =
  /** It names no flow: this edge answers it itself. */
  | { readonly kind: 'answer' }
  /** Along a flow of this edge. */
  | {
      readonly kind: 'flow';
      readonly flow: OpenedFlow;
      readonly requestUri: string;
      /** Route values that are left, topmost first. */
      readonly route: readonly string[];
    }
  /** To the edge that holds the flow; its Route value stays on top. */
  | {
      readonly kind: 'edge';
      readonly flow: OpenedFlow;
      readonly requestUri: string;
      readonly route: readonly string[];
    }
  /** It names a flow by a token that is none of ours: 403. */
  | { readonly kind: 'forbidden' };

/** What decides. */
export interface RoutePlanParts {
  readonly tokens: Pick<FlowTokens, 'open'>;
  /** EDGE_NAME. */
  readonly edge: string;
  /** Whether a URI's host and port are this edge's own. */
  isOwn(uri: SipUri): boolean;
}

const answer: RoutePlan = { kind: 'answer' };
const forbidden: RoutePlan = { kind: 'forbidden' };

/**
 * Plans the way of a request. The own values on top of Route are taken off, and the last of them names the flow: of the two
 * that this edge puts into Record-Route, the farther one.
 *
 * @throws SipParseError where a Route value cannot be read
 */
export function planRoute(request: SipRequest, parts: RoutePlanParts): RoutePlan {
  const route = [...request.route];
  let { requestUri } = request;
  const named = tokenOf(request.uri, request.callId, parts);
  if (named === 'foreign') return forbidden;
  if (named !== undefined && route.length === 0) {
    // The flow is all that the sender knows of whom it wants.
    return { kind: named.edge === parts.edge ? 'flow' : 'edge', flow: named, requestUri, route };
  }
  if (named !== undefined) {
    // A strict router came before: our Route is the Request-URI, and the Request-URI the last Route (§16.4).
    route.unshift(`<${requestUri}>`);
    requestUri = parseAddress(route.pop() ?? '').uri;
  }
  let flow: OpenedFlow | undefined;
  for (let [top] = route; top !== undefined; [top] = route) {
    const uri = parseUri(parseAddress(top).uri);
    const opened = tokenOf(uri, request.callId, parts);
    if (opened === 'foreign') return forbidden;
    if (opened === undefined && !(uri.kind === 'sip' && parts.isOwn(uri))) break;
    if (opened !== undefined && opened.edge !== parts.edge) {
      if (flow === undefined) return { kind: 'edge', flow: opened, requestUri, route };
      break;
    }
    flow = opened ?? flow;
    route.shift();
  }
  return flow === undefined ? answer : { kind: 'flow', flow, requestUri, route };
}

/** The flow that a URI names; undefined for none, `foreign` where it seems to name one and the token is not good. */
function tokenOf(uri: Uri, callId: string, parts: RoutePlanParts): OpenedFlow | 'foreign' | undefined {
  if (uri.kind !== 'sip' || uri.user === undefined || !looksLikeToken(uri.user)) return undefined;
  const opened = parts.tokens.open(uri.user, callId);
  // With another host it may be anybody's user.
  return opened === 'foreign' && !parts.isOwn(uri) ? undefined : opened;
}
