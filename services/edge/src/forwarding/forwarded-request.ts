import { type SipRequest, serialise, stampVia } from '@rollcall/sip';

/** What RFC 5393 §5.3.3 recommends as the most, and as what a request without any gets. */
const mostBreadth = 60;
/** RFC 3261 §16.6 step 3: for a request that has none. */
const defaultMaxForwards = 70;
/** More hops are a mistake of somebody's (RFC 4475 §3.1.2.4). */
const mostMaxForwards = 255;

/** How a request leaves. */
export interface ForwardedForm {
  readonly requestUri: string;
  readonly route: readonly string[];
  /** Values for Record-Route, topmost first; empty for none. */
  readonly recordRoute: readonly string[];
  /** What is seen of its sender, for the Via that the sender wrote. */
  readonly received: string | undefined;
  readonly rport: number | undefined;
}

/** Why a request may go no further, as a status; undefined where it may (RFC 3261 §16.3 step 3, RFC 5393 §5.3.3). */
export function refuseToForward(request: SipRequest): 440 | 483 | undefined {
  if (request.maxForwards === 0) return 483;
  return breadthOf(request) === 0 ? 440 : undefined;
}

/**
 * The request as it goes on (RFC 3261 §16.6): own Via, one hop less, what is left of Route, our Record-Route on top of the
 * others. All other rows and the body stay as they are, byte for byte.
 *
 * @param viaRow with its line end
 */
export function writeForwarded(request: SipRequest, form: ForwardedForm, viaRow: string): Buffer {
  const [top = '', ...others] = request.values('via');
  const vias = [stampVia(top, form.received, form.rport), ...others];
  const maxForwards = Math.min((request.maxForwards ?? defaultMaxForwards + 1) - 1, mostMaxForwards);
  const breadth = breadthOf(request);
  const isBreadthKept = breadth !== undefined && breadth <= mostBreadth;
  const without = ['via', 'max-forwards', 'route', ...(isBreadthKept ? [] : ['max-breadth'])];
  const rows = [
    ...vias.map((via) => `Via: ${via}`),
    `Max-Forwards: ${maxForwards}`,
    ...(isBreadthKept ? [] : [`Max-Breadth: ${mostBreadth}`]),
    ...form.recordRoute.map((value) => `Record-Route: ${value}`),
    ...form.route.map((value) => `Route: ${value}`),
  ];
  const prepend = `${viaRow}${rows.join('\r\n')}\r\n`;
  return serialise(request, { requestUri: form.requestUri, prepend, without });
}

/** Max-Breadth; undefined for none, or one that cannot be read. */
function breadthOf(request: SipRequest): number | undefined {
  const row = request.row('max-breadth');
  return row !== undefined && /^\d{1,9}$/.test(row) ? Number(row) : undefined;
}
