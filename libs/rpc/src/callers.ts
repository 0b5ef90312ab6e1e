import type { MethodName } from './observer.ts';
import { rpcFault, type ServiceFault } from './service-fault.ts';

/**
 * Who may call a method: names in the certificates of callers, host names in lower case or URIs; undefined for everybody
 * who may connect.
 */
export type CallerRule = (method: MethodName) => ReadonlySet<string> | undefined;

/** Those with one of the names of the first list, and of the others; everybody where the first list is empty. */
export function namedCallers(
  names: readonly string[],
  ...others: readonly (readonly string[])[]
): ReadonlySet<string> | undefined {
  return names.length === 0 ? undefined : new Set([...names, ...others.flat()]);
}

/** What a server knows of a caller. */
interface Caller {
  getAuthContext(): {
    readonly sslPeerCertificate?: { readonly subjectaltname?: string | undefined } | undefined;
  };
}

/** The fault of a caller whose certificate has none of the names; undefined where it has one. */
export function refuseCaller(
  method: MethodName,
  names: ReadonlySet<string>,
  caller: Caller,
): ServiceFault | undefined {
  const shown = namesIn(caller.getAuthContext().sslPeerCertificate?.subjectaltname ?? '');
  if (shown.some((name) => names.has(name))) return undefined;
  const who = shown.length === 0 ? 'a caller without a name' : shown.join(', ');
  return rpcFault('callerNotAllowed', `${who} may not call ${method.name}`);
}

/** One name as Node shows it: with JSON's quotes where it could be taken for several. */
const oneName = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/y;

/** The host names and URIs of a certificate (RFC 5280 section 4.2.1.6), from Node's text of them. */
export function namesIn(subjectAltName: string): string[] {
  const names: string[] = [];
  oneName.lastIndex = 0;
  for (let match = oneName.exec(subjectAltName); match !== null; match = oneName.exec(subjectAltName)) {
    const [whole, kind, value = ''] = match;
    // What needs quotes is the name of nobody we let in.
    if (kind === 'DNS' && !value.startsWith('"')) names.push(value.toLowerCase());
    if (kind === 'URI' && !value.startsWith('"')) names.push(value);
    if (whole === '' || oneName.lastIndex >= subjectAltName.length) break;
  }
  return names;
}
