/** What a person needs to know once everything is ready. */
export interface BannerFacts {
  readonly version: string;
  /** For example "standalone, bindings in memory". */
  readonly what: string;
  /** "host:port" where SIP is served over each transport; the first is shown in the commands. */
  readonly sip: readonly { readonly transport: string; readonly address: string }[];
  /** "host:port" of the gRPC look-up API. */
  readonly locationApi: string;
  /** "host:port" of HTTP servers, each with what it belongs to. */
  readonly http: readonly { readonly name: string; readonly address: string }[];
  /** True where the two demo subscribers are served. */
  readonly demo: boolean;
}

const defaultSip = '127.0.0.1:5060';
const defaultLocationApi = '127.0.0.1:50053';

/** The text printed when everything is ready: where it is, and three commands that work as printed. */
export function formatBanner(facts: BannerFacts): string {
  const sipAt = reachable(facts.sip[0]?.address ?? defaultSip);
  const server = sipAt === defaultSip ? '' : ` --server ${sipAt}`;
  const first = facts.sip[0]?.transport ?? 'udp';
  const trust = first === 'tls' || first === 'wss' ? ' --ca <file>' : '';
  const transport = first === 'udp' ? '' : ` --transport ${first}${trust}`;
  const api = reachable(facts.locationApi);
  const location = api === defaultLocationApi ? '' : ` --location ${api}`;
  const aor = facts.demo ? 'sip:alice@example.com' : 'sip:<user>@<domain>';
  const password = facts.demo ? 'wonderland' : '<password>';
  const lines = [
    '',
    `Rollcall ${facts.version} is ready: ${facts.what}.`,
    '',
    `  SIP    ${facts.sip.map(({ transport: name, address }) => `${name} ${address}`).join(', ')}`,
    `  gRPC   ${facts.locationApi} (look-up)`,
    ...facts.http.map(
      ({ name, address }, index) =>
        `  ${index === 0 ? 'HTTP' : '    '}   http://${reachable(address)}/metrics${name && ` (${name})`}`,
    ),
    ...(facts.demo
      ? ['', '  Subscribers of example.com: alice (password wonderland), bob (password builder).']
      : []),
    '',
    'In a second terminal, in this folder:',
    '',
    `  npx rollcall register ${aor} --password ${password}${server}${transport}`,
    `  npx rollcall lookup ${aor}${location}`,
    `  npx rollcall invite ${aor}${server}${transport}`,
    '',
    'Registrations show below. Ctrl-C stops.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}

/** A listener on all addresses is reached on the loopback one from here. */
function reachable(address: string): string {
  return address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
}
