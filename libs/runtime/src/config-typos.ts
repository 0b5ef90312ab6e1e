const servicePrefixes = ['EDGE_', 'REGISTRAR_', 'AUTH_', 'LOCATION_', 'REDIRECT_'] as const;
/** What Kubernetes puts into the environment for a Service named "edge", "auth", …: not meant for us. */
const serviceLink = /_(SERVICE_(HOST|PORT.*)|PORT(_\d+_.*)?)$/;
const typoDistance = 2;

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
    if (!servicePrefixes.some((prefix) => variable.startsWith(prefix))) continue;
    const meant = closest(variable, known);
    if (meant !== undefined) typos.push({ variable, meant });
  }
  return typos;
}

function closest(variable: string, known: ReadonlySet<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = typoDistance + 1;
  for (const name of known) {
    if (Math.abs(name.length - variable.length) > typoDistance) continue;
    const distance = editDistance(variable, name);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein's distance: how many letters must be changed, added or removed. */
function editDistance(a: string, b: string): number {
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
        ),
      );
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
