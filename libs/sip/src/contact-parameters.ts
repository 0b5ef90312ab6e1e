/**
 * Contact parameters, each with its leading semicolon, without those that are not to be kept; the others stay as they are, byte
 * for byte.
 *
 * @param isKept told each name in lower case
 */
export function keepContactParameters(params: string, isKept: (name: string) => boolean): string {
  let kept = '';
  for (let from = 0; from < params.length; ) {
    const next = endOfParameter(params, from + 1);
    const equalsAt = params.indexOf('=', from);
    const nameEnd = equalsAt < 0 || equalsAt > next ? next : equalsAt;
    if (
      isKept(
        params
          .slice(from + 1, nameEnd)
          .trim()
          .toLowerCase(),
      )
    )
      kept += params.slice(from, next);
    from = next;
  }
  return kept;
}

/** Where a parameter ends: at the next semicolon that no quoted value holds. */
function endOfParameter(params: string, from: number): number {
  let quoted = false;
  for (let at = from; at < params.length; at += 1) {
    const char = params[at];
    if (quoted && char === '\\') at += 1;
    else if (char === '"') quoted = !quoted;
    else if (char === ';' && !quoted) return at;
  }
  return params.length;
}
