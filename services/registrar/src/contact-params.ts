/** Contact parameters that only a registrar gives out: a phone cannot suggest them (RFC 5627 §5.1, RFC 6140 §7.1.2.1). */
const ours: ReadonlySet<string> = new Set(['pub-gruu', 'temp-gruu', 'temp-gruu-cookie']);

/** Contact parameters, each with its leading semicolon, without those that only a registrar gives out. */
export function withoutGruuParams(params: string): string {
  if (!params.toLowerCase().includes('-gruu')) return params;
  let kept = '';
  for (let from = 0; from < params.length; ) {
    const next = endOfParam(params, from + 1);
    const equalsAt = params.indexOf('=', from);
    const nameEnd = equalsAt < 0 || equalsAt > next ? next : equalsAt;
    const name = params
      .slice(from + 1, nameEnd)
      .trim()
      .toLowerCase();
    if (!ours.has(name)) kept += params.slice(from, next);
    from = next;
  }
  return kept;
}

/** Where the parameter ends: at the next semicolon that no quoted value holds. */
function endOfParam(params: string, from: number): number {
  let quoted = false;
  for (let at = from; at < params.length; at += 1) {
    const char = params[at];
    if (quoted && char === '\\') at += 1;
    else if (char === '"') quoted = !quoted;
    else if (char === ';' && !quoted) return at;
  }
  return params.length;
}
