import { findFreePort, findTool, SipAgent, type Standalone, startStandalone } from '@rollcall/testkit';
import { TestAuthority } from '@rollcall/testkit/certificates';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Haproxy, haproxyAddress, startHaproxy } from './src/haproxy.ts';
import { connectToLocation, type LocationClient } from './src/location-api.ts';
import { formatSubscribers, makePhones } from './src/phones.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';

const installTimeoutMs = 400_000;
const transports = ['tcp', 'tls', 'ws', 'wss'] as const;
const versions = [
  ['version 1', 'send-proxy'],
  ['version 2', 'send-proxy-v2 proxy-v2-options authority,unique-id,crc32c'],
] as const;
const ways = transports.flatMap((transport) =>
  versions.map(([version, option]) => ({
    transport,
    version,
    option,
    name: `${transport}-${option.split(' ')[0]}`,
  })),
);
const phones = makePhones('behind', ways.length + 2);

describe('behind a real HAProxy', () => {
  let folder: ScratchFolder;
  let authority: TestAuthority;
  let product: Standalone;
  let location: LocationClient;
  let haproxy: Haproxy;
  const listen: Record<string, number> = {};
  const edge: Record<string, number> = {};

  beforeAll(async () => {
    await findTool('haproxy');
    folder = await makeScratchFolder();
    authority = await TestAuthority.create();
    const own = await authority.issue({ dns: ['example.com'] });
    const subscribers = await folder.write('subscribers.yaml', formatSubscribers(phones));
    for (const transport of transports) edge[transport] = await findFreePort();
    product = await startStandalone({
      env: {
        AUTH_SUBSCRIBERS: `file:${subscribers}`,
        EDGE_TCP_LISTEN: `127.0.0.1:${edge.tcp}`,
        EDGE_TLS_LISTEN: `127.0.0.1:${edge.tls}`,
        EDGE_WS_LISTEN: `127.0.0.1:${edge.ws}`,
        EDGE_WSS_LISTEN: `127.0.0.1:${edge.wss}`,
        EDGE_TLS_CERT_FILE: await folder.write('tls.crt', own.cert),
        EDGE_TLS_KEY_FILE: await folder.write('tls.key', own.key),
        EDGE_PROXY_PROTOCOL_FROM: haproxyAddress,
      },
    });
    location = await connectToLocation(product.locationApi);
    const relays = [];
    for (const { name, transport, option } of ways) {
      listen[name] = await findFreePort();
      const options = `${option} check inter 100ms`;
      relays.push({ name, listen: listen[name], server: edge[transport] ?? 0, options });
    }
    // One that was set up wrong, and one whose checks have no header although its connections do.
    listen.bare = await findFreePort();
    relays.push({ name: 'bare', listen: listen.bare, server: edge.tcp ?? 0, options: '' });
    listen.looking = await findFreePort();
    const options = `send-proxy-v2 check port ${edge.tcp} inter 100ms`;
    relays.push({ name: 'looking', listen: listen.looking, server: edge.tcp ?? 0, options });
    haproxy = await startHaproxy(relays);
  }, installTimeoutMs);

  afterAll(async () => {
    await haproxy?.stop();
    location?.close();
    await product?.stop();
    await folder?.remove();
  });

  function agent(transport: (typeof transports)[number], port = 0): SipAgent {
    const tls = { ca: authority.cert, serverName: 'example.com' };
    return new SipAgent({ transport, server: { host: '127.0.0.1', port }, tls });
  }

  async function errors(): Promise<string[]> {
    const text = await (await fetch(`http://${product.http}/metrics`)).text();
    return text.split('\n').filter((row) => /^rollcall_proxy_protocol_errors_total\{.*\} [^0]/.test(row));
  }

  it.each(ways.map((way, index) => ({ ...way, phone: phones[index] })))(
    'a phone over $transport is where it is, not where the proxy is: $version',
    async ({ transport, name, phone }) => {
      if (phone === undefined) throw new Error('no phone');
      await using behind = agent(transport, listen[name]);
      const answer = await behind.register({ aor: phone.aor, password: phone.password, expires: 600 });
      expect(answer.status).toBe(200);
      const { received, rport } = answer.topVia;
      expect(received).toBe('127.0.0.1');
      // A browser does not know its own address, and neither does the agent that stands for one.
      if (!transport.startsWith('ws')) expect(rport).toBe((await behind.open()).port);
      const [binding] = await location.bindings(phone.aor);
      expect(binding?.received).toBe(`127.0.0.1:${rport}`);
      expect(binding?.flow?.transport).toBe(transport);
    },
  );

  it('checks of its health do no harm, with a header and without', async () => {
    const checked = async () => (await haproxy.servers()).filter(({ name }) => name !== 'bare');
    await expect
      .poll(async () => (await checked()).every(({ lastCheck }) => lastCheck === 'L4OK'))
      .toBe(true);
    // Ten more of each.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const all = await checked();
    expect(all).toHaveLength(ways.length + 1);
    expect(all.filter(({ status, failedChecks }) => status !== 'UP' || failedChecks > 0)).toEqual([]);
    expect(await errors()).toEqual([]);
  });

  it('a proxy that was set up without it is told by a closed connection, a count and a line', async () => {
    await using behind = agent('tcp', listen.bare);
    await expect(behind.request({ method: 'OPTIONS', uri: 'sip:example.com' })).rejects.toThrow();
    expect(await errors()).toEqual([
      'rollcall_proxy_protocol_errors_total{transport="tcp",reason="absent"} 1',
    ]);
    expect(product.output()).toMatch(/"proxy":"127\.0\.0\.2:\d+".*it had no good PROXY header/);
  });

  it('who comes without a proxy needs no header, and has no use of one', async () => {
    await using direct = agent('tcp', edge.tcp);
    expect((await direct.request({ method: 'OPTIONS', uri: 'sip:example.com' })).status).toBe(200);
    await using lying = agent('tcp', edge.tcp);
    await lying.sendText('PROXY TCP4 203.0.113.7 198.51.100.1 40000 5060\r\n\r\n');
    const answer = await lying.request({ method: 'OPTIONS', uri: 'sip:example.com' }).catch(() => undefined);
    expect(answer?.topVia.received).not.toBe('203.0.113.7');
  });
});
