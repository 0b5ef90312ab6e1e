import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type ConnectionOptions, connect, createServer, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { CertificateWish } from '@rollcall/testkit/certificates';
import type { ConformanceCase, ConformanceTarget } from '../conformance-case.ts';
import { ConformanceFailure, expectEqual, expectMatch, expectStatus, expectTrue } from '../expectations.ts';
import { expectSilence, fetchBindings, register, registered, urisOf } from '../registering.ts';
import { securedDomains } from '../secured.ts';
import { domain } from '../test-users.ts';

const cli = fileURLToPath(new URL('../../../../services/cli/src/main.ts', import.meta.url));

/** Runs the product as a client of TLS: the `rollcall` command. */
async function runClient(target: ConformanceTarget, port: number): Promise<{ code: number; err: string }> {
  const args = ['options', `sip:nobody@${domain}`, '--transport', 'tls', '--server', `127.0.0.1:${port}`];
  const child = spawn(
    process.execPath,
    ['--conditions=rollcall-source', cli, ...args, '--ca', target.secured.caFile],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, err };
}

/** A server that has a certificate, and says nothing. */
async function silentServer(target: ConformanceTarget, wish: CertificateWish) {
  const { cert, key } = await target.secured.authority.issue(wish);
  let heard = 0;
  const server = createServer({ cert, key }, (socket) => {
    socket.on('data', () => {
      heard += 1;
    });
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new ConformanceFailure('no port');
  return { port: address.port, heard: () => heard, close: () => server.close() };
}

async function handshake(target: ConformanceTarget, options: ConnectionOptions): Promise<TLSSocket> {
  const { tls, authority } = target.secured;
  const socket = connect({ ...tls, ca: authority.cert, checkServerIdentity: () => undefined, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

export const cases: readonly ConformanceCase[] = [
  {
    row: 'TL1',
    title: 'the client takes the certificate of the domain',
    run: async (target) => {
      const { code, err } = await runClient(target, target.secured.tls.port);
      expectEqual(code, 1, `exit code (nobody is unknown); said ${err}`);
    },
  },
  ...(
    [
      ['a wildcard', { dns: ['*.com'] }],
      ['a suffix', { dns: ['com'] }],
      ['a common name beside other names', { commonName: domain, dns: ['other.example'] }],
      ['a DNS name beside a sip URI', { uris: ['sip:other.example'], dns: [domain] }],
    ] as const
  ).map(
    ([title, wish]): ConformanceCase => ({
      row: 'TL1',
      title: `the client refuses ${title}`,
      run: async (target) => {
        const server = await silentServer(target, wish);
        try {
          const { code, err } = await runClient(target, server.port);
          expectMatch(err, /its certificate is for .*, not for example\.com/, 'what the client says');
          expectEqual(code, 3, 'exit code');
          expectEqual(server.heard(), 0, 'pieces of data that the server got');
        } finally {
          server.close();
        }
      },
    }),
  ),
  {
    row: 'TL2',
    run: async (target) => {
      const shown = async (servername: string) => {
        const socket = await handshake(target, { servername });
        const names = socket.getPeerX509Certificate()?.subjectAltName ?? '';
        socket.destroy();
        return names;
      };
      for (const name of securedDomains)
        expectTrue((await shown(name)).includes(`URI:sip:${name}`), `the certificate of ${name}`);
      const [first] = securedDomains;
      for (const name of ['unknown.example', ''])
        expectTrue((await shown(name)).includes(`URI:sip:${first}`), `the first certificate for "${name}"`);
    },
  },
  {
    row: 'TL3',
    title: 'without a certificate, or one that proves nothing, alias is only a parameter',
    run: async (target) => {
      const sentBy = '127.0.0.1:5999';
      for (const transport of ['tcp', 'tls'] as const) {
        const [agent, other, user] = [target.agent(transport), target.agent(transport), target.freshUser()];
        const claim = (text: string) =>
          text
            .replace(/(SIP\/2\.0\/T\w+) 127\.0\.0\.1:\d+/, `$1 ${sentBy}`)
            .replace(';rport', ';rport;alias');
        await registered(agent, user, {
          edit: claim,
          contact: `<sip:phone@${sentBy};transport=${transport}>`,
        });
        // Somebody else claims the same address: each answer goes to who asked.
        expectStatus(await register(other, user, { edit: claim, contact: '' }), 200);
        expectStatus(await other.request({ method: 'OPTIONS', uri: `sip:${domain}` }), 200);
        await expectSilence(agent, 300);
      }
    },
  },
  {
    row: 'TL3',
    title: 'mutual TLS is offered to peers, and a stranger is served without being believed',
    run: async (target) => {
      const peer = await target.secured.authority.issue({ uris: ['sip:peer.example'] });
      const agent = target.agent('tls', peer);
      expectStatus(await agent.request({ method: 'OPTIONS', uri: `sip:${domain}` }), 200);
      expectStatus(await target.agent('tls').request({ method: 'OPTIONS', uri: `sip:${domain}` }), 200);
    },
  },
  {
    row: 'TL4',
    title: 'REGISTER for sips by TLS and secure WebSocket, and not by a plain one',
    run: async (target) => {
      const contact = '<sips:safe@192.0.2.1>';
      for (const transport of ['tls', 'wss', 'ws'] as const) {
        const [agent, user] = [target.agent(transport), target.freshUser()];
        const secure = user.aor.replace('sip:', 'sips:');
        const answer = await register(agent, user, { requestUri: `sips:${domain}`, to: secure, contact });
        expectStatus(answer, transport === 'ws' ? 403 : 200);
        expectEqual(
          (await fetchBindings(agent, user)).length,
          transport === 'ws' ? 0 : 1,
          'number of bindings',
        );
        if (transport === 'ws') continue;
        const found = await agent.request({ method: 'INVITE', uri: secure });
        expectStatus(found, 302);
        expectTrue(
          urisOf(found).every((uri) => uri.startsWith('sips:')),
          `sips contacts: received ${urisOf(found)}`,
        );
      }
    },
  },
  {
    row: 'TL4',
    title: 'nothing older than TLS 1.2',
    run: async (target) => {
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
        (await handshake(target, { maxVersion })).destroy();
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      const refused = await handshake(target, old).then(
        (socket) => {
          socket.destroy();
          return '';
        },
        (error: unknown) => String(error),
      );
      expectMatch(refused, /protocol version/i, 'why TLS 1.1 fails');
    },
  },
];
