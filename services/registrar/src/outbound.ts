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
 * Whether reg-id counts in this request (RFC 5626 §6): `applies` with Supported: outbound and a first hop that keeps
 * flows, `ignored` without Supported: outbound, `first-hop-lacks` where the phone wants it and its first hop, some
 * other proxy, did not say `ob` in the first Path.
 */
export function judgeOutbound(facts: OutboundFacts): 'applies' | 'ignored' | 'first-hop-lacks' {
  if (!facts.supported.includes('outbound')) return 'ignored';
  if (facts.viaCount <= 1) return 'applies';
  const first = facts.path[0];
  return first !== undefined && hasObParameter(first) ? 'applies' : 'first-hop-lacks';
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
