import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { chartFolder, helm } from './helm.ts';

interface Listener {
  readonly transport: string;
  readonly port: number;
  readonly advertised?: { readonly port?: number };
}

interface Values {
  readonly edge?: { readonly listeners?: readonly Listener[] };
}

/** What RFC 3263 §4.1 and RFC 7118 §7 call the transports: service of the NAPTR record, prefix of the SRV name. */
const names: Readonly<Record<string, readonly [service: string, prefix: string]>> = {
  udp: ['SIP+D2U', '_sip._udp'],
  tcp: ['SIP+D2T', '_sip._tcp'],
  tls: ['SIPS+D2T', '_sips._tcp'],
  ws: ['SIP+D2W', '_sip._ws'],
  wss: ['SIPS+D2W', '_sips._ws'],
};

const naptr = /^\s*\S+ 300 IN NAPTR \d+ \d+ "s" "(\S+)" "" (\S+)\.$/gm;
const srv = /^\s*(\S+?)\. 300 IN SRV \d+ \d+ (\d+) \S+\.$/gm;

/** The rule that these checks hold, as the list of conformance rows has it. */
const rule = 'DN2: NAPTR and SRV records that fit the listeners';

/**
 * Compares the DNS records that the notes tell the operator to publish with the listeners of the edge: one NAPTR and one SRV
 * record for each, of its transport and at its port, and none beside them: no _sips without TLS.
 */
export function findRecordProblems(files: readonly string[]): string[] {
  const values = files.flatMap((file) => ['--values', file]);
  const shown = helm('install', 'rc', chartFolder, '--dry-run=client', '--namespace', 'voip', ...values);
  if (!shown.good) return [`${rule}: helm install --dry-run=client: ${shown.said}`];
  const notes = shown.out.slice(shown.out.indexOf('NOTES:'));
  const found = [
    ...[...notes.matchAll(naptr)].map(
      ([, service, target]) => `NAPTR ${service} ${target?.replace(/^(_\w+\._\w+)\..*/, '$1')}`,
    ),
    ...[...notes.matchAll(srv)].map(
      ([, name, port]) => `SRV ${name?.replace(/^(_\w+\._\w+)\..*/, '$1')} ${port}`,
    ),
  ];
  const wanted = readListeners(files).flatMap(({ transport, port, advertised }) => {
    const [service = '', prefix = ''] = names[transport] ?? [];
    return [`NAPTR ${service} ${prefix}`, `SRV ${prefix} ${advertised?.port ?? port}`];
  });
  return [
    ...wanted.filter((each) => !found.includes(each)).map((each) => `${rule}: not in the notes: ${each}`),
    ...found.filter((each) => !wanted.includes(each)).map((each) => `${rule}: no listener for ${each}`),
  ];
}

/** A list in a later file takes the place of one in an earlier file. */
function readListeners(files: readonly string[]): readonly Listener[] {
  return [join(chartFolder, 'values.yaml'), ...files]
    .map((file) => (parse(readFileSync(file, 'utf8')) as Values | null)?.edge?.listeners)
    .reduce<readonly Listener[]>((before, own) => own ?? before, []);
}
