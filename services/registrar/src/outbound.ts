/** What RFC 5626 §6 looks at. */
export interface OutboundFacts {
  /** Option tags of the Supported header, in lower case. */
  readonly supported: readonly string[];
  /** Values of the Path header, topmost first. */
  readonly path: readonly string[];
  /** Number of Via values: 1 means that the edge is the phone's first hop. */
  readonly viaCount: number;
}

/**
 * Whether reg-id counts in this request (RFC 5626 §6): `applies` with a first hop that keeps flows. Where that is some other
 * proxy which did not say `ob` in the first Path, it is `first-hop-lacks` for a phone that says Supported: outbound, and
 * `ignored` for others.
 */
export function judgeOutbound(facts: OutboundFacts): 'applies' | 'ignored' | 'first-hop-lacks' {
  if (facts.viaCount <= 1) return 'applies';
  const first = facts.path[0];
  if (first !== undefined && hasObParameter(first)) return 'applies';
  return saysOutbound(facts) ? 'first-hop-lacks' : 'ignored';
}

/** Who does not say that it supports outbound is bound by its reg-id too, and is not told so: no Require: outbound. */
export function saysOutbound({ supported }: Pick<OutboundFacts, 'supported'>): boolean {
  return supported.includes('outbound');
}

/** True where a Path value's URI has the parameter `ob`: parameters within the angle brackets are the URI's. */
function hasObParameter(value: string): boolean {
  const open = value.indexOf('<');
  const close = value.indexOf('>', open + 1);
  const uri = open < 0 || close < 0 ? value : value.slice(open + 1, close);
  const headersAt = uri.indexOf('?');
  const parameters = (headersAt < 0 ? uri : uri.slice(0, headersAt)).split(';');
  for (let at = 1; at < parameters.length; at += 1) {
    const parameter = parameters[at]?.trim().toLowerCase();
    if (parameter === 'ob' || parameter?.startsWith('ob=') === true) return true;
  }
  return false;
}
