const servicePrefixes = [
  'EDGE_',
  'REGISTRAR_',
  'AUTH_',
  'LOCATION_',
  'REDIRECT_',
  'GRPC_TLS_',
  'TRACE_',
] as const;
/** Names that other programs have variables beside: only one slip of the finger tells that ours was meant. */
const shortNames = /^(HTTP|LOG|DEBUG)_/;
/** What Kubernetes puts into the environment for a Service named "edge", "auth", …: not meant for us. */
const serviceLink = /_(SERVICE_(HOST|PORT.*)|PORT(_\d+_.*)?)$/;
const typoDistance = 2;
const shortNameDistance = 1;

/** A set variable that nobody reads, and the known name that was probably meant. */
export interface Typo {
  readonly variable: string;
  readonly meant: string;
}

/**
 * Finds set variables that look like a misspelt one of ours. Variables of other services are fine, since processes may
 * share an environment; only names close to a known one are reported.
 */
export function findTypos(known: ReadonlySet<string>, env: NodeJS.ProcessEnv): Typo[] {
  const typos: Typo[] = [];
  for (const variable of Object.keys(env)) {
    if (known.has(variable) || serviceLink.test(variable)) continue;
    const isService = servicePrefixes.some((prefix) => variable.startsWith(prefix));
    if (!isService && !shortNames.test(variable)) continue;
    const meant = closest(variable, known, isService ? typoDistance : shortNameDistance);
    if (meant !== undefined) typos.push({ variable, meant });
  }
  return typos;
}

function closest(variable: string, known: ReadonlySet<string>, farthest: number): string | undefined {
  let best: string | undefined;
  let bestDistance = farthest + 1;
  for (const name of known) {
    if (Math.abs(name.length - variable.length) > farthest) continue;
    const distance = editDistance(variable, name);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** How many letters must be changed, added, removed, or swapped with the next one (Damerau and Levenshtein). */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      current.push(
        Math.min(
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (previous[column - 1] ?? 0) + same,
          isSwap(a, b, row, column) ? (beforePrevious[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

function isSwap(a: string, b: string, row: number, column: number): boolean {
  return row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
}
