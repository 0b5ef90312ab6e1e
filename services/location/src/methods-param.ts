/**
 * The methods that a contact says it understands (RFC 3840 §9: methods="INVITE,BYE"), from its parameters as stored:
 * each with its leading semicolon. A malformed parameter says nothing.
 */
export function readMethods(params: string): string[] {
  const value = readParam(params, 'methods');
  if (value === undefined) return [];
  return value
    .split(',')
    .map((method) => method.trim())
    .filter((method) => method !== '' && !method.startsWith('!'));
}

/** A parameter's value without its quotes; semicolons inside quotes separate nothing. */
function readParam(params: string, name: string): string | undefined {
  for (const param of splitParams(params)) {
    const equals = param.indexOf('=');
    if (equals < 0 || param.slice(0, equals).trim().toLowerCase() !== name) continue;
    const value = param.slice(equals + 1).trim();
    return value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value;
  }
  return undefined;
}

function splitParams(params: string): string[] {
  const found: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at <= params.length; at += 1) {
    const char = params[at];
    if (char === '\\' && quoted) at += 1;
    else if (char === '"') quoted = !quoted;
    else if (char === undefined || (char === ';' && !quoted)) {
      if (at > start) found.push(params.slice(start, at));
      start = at + 1;
    }
  }
  return found;
}
