import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePort } from '@rollcall/testkit';
import { TestAuthority } from '@rollcall/testkit/certificates';
import type { HostPort } from '@rollcall/transport';

/** The listeners of a product beside UDP and TCP, and who signed what they show. */
export interface Secured {
  readonly tls: HostPort;
  readonly ws: HostPort;
  readonly wss: HostPort;
  /** Signs for the product, and for peers of it. */
  readonly authority: TestAuthority;
  /** Path of the authority's certificate. */
  readonly caFile: string;
  /** What starts the listeners. */
  readonly env: Readonly<Record<string, string>>;
}

/** Domains of the product's two certificates: the first is shown where no name is asked for. */
export const securedDomains = ['example.com', 'other.example'] as const;

/** Makes certificates in a folder, and finds ports. */
export async function prepareSecured(folder: string): Promise<Secured> {
  const authority = await TestAuthority.create();
  const caFile = join(folder, 'ca.crt');
  await writeFile(caFile, authority.cert);
  const paths = { cert: [] as string[], key: [] as string[] };
  for (const domain of securedDomains) {
    const { cert, key } = await authority.issue({
      uris: [`sip:${domain}`],
      dns: [domain],
      ips: ['127.0.0.1'],
    });
    const at = (kind: string) => join(folder, `${domain}.${kind}`);
    await writeFile(at('crt'), cert);
    await writeFile(at('key'), key);
    paths.cert.push(at('crt'));
    paths.key.push(at('key'));
  }
  const listener = async (): Promise<HostPort> => ({ host: '127.0.0.1', port: await findFreePort() });
  const [tls, ws, wss] = [await listener(), await listener(), await listener()];
  return {
    tls,
    ws,
    wss,
    authority,
    caFile,
    env: {
      EDGE_TLS_LISTEN: `127.0.0.1:${tls.port}`,
      EDGE_WS_LISTEN: `127.0.0.1:${ws.port}`,
      EDGE_WSS_LISTEN: `127.0.0.1:${wss.port}`,
      EDGE_TLS_CERT_FILE: paths.cert.join(','),
      EDGE_TLS_KEY_FILE: paths.key.join(','),
      EDGE_TLS_CLIENT_CA_FILE: caFile,
    },
  };
}
