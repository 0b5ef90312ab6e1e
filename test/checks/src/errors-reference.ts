import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { grpcCodeName, rpcFaultReasons } from '@rollcall/rpc';
import { sipErrors } from '@rollcall/sip';
import { root } from './run.ts';
import { sourceFiles } from './source-files.ts';

/** What an operator is told of each reason that a service raises by itself. */
const serviceReasons: Readonly<Record<string, string>> = {
  AOR_BUSY: 'Too many changes of one AOR wait in one location process.',
  AOR_INVALID: 'The AOR asked for is no SIP URI with a user.',
  AORS_MISSING: 'A batch names no AOR.',
  AUTH_STORE_UNAVAILABLE: "Auth's shared store (lock-out, nonce counts) does not answer.",
  AUTH_SUBSCRIBERS_UNAVAILABLE:
    'A database or webhook of subscribers does not answer, or says what cannot be.',
  BINDING_ID_MISSING: 'A deletion of one binding names none.',
  BINDING_NOT_FOUND: 'There is nothing to delete. With allow_missing that is no error.',
  DOMAIN_INVALID: 'The domain asked for is no host name.',
  ETAG_MISMATCH: 'The registration has changed since the etag was given out; nothing was deleted.',
  NO_NONCES: 'Auth gave fewer nonces than were asked for.',
  PAGE_SIZE_INVALID: 'A page size is less than 0.',
  PAGE_TOKEN_INVALID: 'The page token is of another listing, or none of this service.',
  READ_MASK_INVALID: 'The read mask names a field that does not exist.',
  REPLICAS_NOT_REACHED: 'Fewer Redis replicas than LOCATION_MIN_REPLICAS_ACK have the write.',
  RESUME_TOKEN_INVALID: 'The resume token is of a watch of something else, or none of this service.',
  REVISION_COMPACTED: 'Changes since the resume token are no longer known; start over without it.',
  REVISION_CONFLICT: 'Other processes kept changing the same AOR; nothing was changed here.',
  SLOW_CONSUMER: 'A watch has more to tell than its reader takes; resume with the last token.',
  STORE_FULL: 'The memory store holds as many AORs as it may.',
  STORE_UNAVAILABLE: 'The binding store does not answer.',
  FLOW_INVALID: 'A flow is said to have ended without the name of its edge, or without its token.',
  TOO_MANY_AORS: 'A batch or a watch names more than 1,000 AORs.',
  TOO_MANY_WATCHES: 'A location process has as many watches as it may.',
  WATCH_REVOKED: 'A watcher of registrations has lost the right to watch.',
  WATCH_SCOPE_INVALID: 'A watch names neither AORs nor a domain, or both.',
};

const intro = `# Errors

Generated from the code by \`npm run docs\`.

What the protocol foresees (401, 403, 404, 423, …) is an outcome, not an error. What follows is the rest.

## Faults

A call that could not be processed ends with a gRPC status and, in \`grpc-status-details-bin\`, a \`google.rpc.ErrorInfo\` with domain
\`rollcall\` and one of these reasons, and a \`google.rpc.RetryInfo\` where trying again is of use. A phone sees 503 (UNAVAILABLE,
RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED) or 500 (ABORTED, INTERNAL).

`;

/** docs/errors.md: every fault reason and every parse error. */
export function renderErrors(): string {
  const raised = findRaisedReasons();
  for (const reason of raised.keys()) {
    if (serviceReasons[reason] === undefined)
      throw new Error(`the reason ${reason} is not described in ${import.meta.filename}`);
  }
  const gone = Object.keys(serviceReasons).filter((reason) => !raised.has(reason));
  if (gone.length > 0) throw new Error(`described but never raised: ${gone.join(', ')}`);
  const faults = [
    ...Object.values(rpcFaultReasons).map(({ reason, code, meaning }) => [
      reason,
      grpcCodeName(code),
      meaning,
    ]),
    ...[...raised].map(([reason, code]) => [reason, code, serviceReasons[reason]]),
  ].sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const parse = Object.entries(sipErrors).map(
    ([code, { status, reasonPhrase }]) =>
      `| \`${code}\` | ${status === undefined ? 'dropped' : `${status} ${reasonPhrase}`} |`,
  );
  return `${intro}| reason | gRPC status | meaning |\n|---|---|---|\n${faults
    .map(([reason, code, meaning]) => `| \`${reason}\` | ${code} | ${meaning} |`)
    .join(
      '\n',
    )}\n\n## Messages that cannot be used\n\n\`SipParseError\` of libs/sip: its code, and what the sender gets. Where the phrase leaves\nopen which header is meant, it follows in brackets: \`400 Malformed Address (Contact)\`.\n\n| code | answer |\n|---|---|\n${parse.join('\n')}\n`;
}

/** Reasons that services raise, with the name of their gRPC code, read from the sources. */
function findRaisedReasons(): Map<string, string> {
  const known = new Set<string>(Object.values(rpcFaultReasons).map(({ reason }) => reason));
  const found = new Map<string, string>();
  for (const path of sourceFiles().filter((each) => each.startsWith('services/'))) {
    const text = readFileSync(join(root, path), 'utf8');
    for (const [, code = '', reason = ''] of text.matchAll(
      /new ServiceFault\(\s*GrpcCode\.([A-Z_]+),\s*'([A-Z_]+)'/g,
    )) {
      if (!known.has(reason)) found.set(reason, code);
    }
    // A function that takes its reason from a closed set.
    for (const [, union = ''] of text.matchAll(/reason:\s*((?:(?:\| )?'[A-Z_]+'\s*)+)/g)) {
      for (const [, reason = ''] of union.matchAll(/'([A-Z_]+)'/g)) found.set(reason, 'INVALID_ARGUMENT');
    }
  }
  return found;
}
