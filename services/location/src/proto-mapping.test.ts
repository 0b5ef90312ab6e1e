import type { Binding } from '@rollcall/bindings';
import { expect, it } from 'vitest';
import { readMethods } from './methods-param.ts';
import { toPublicRegistration } from './proto-mapping.ts';

const nowMs = 1_800_000_000_000;

function binding(uri: string, more: Partial<Binding> = {}): Binding {
  return {
    uri,
    params: '',
    expiresAtMs: nowMs + 90_500,
    instanceId: '',
    regId: 0,
    path: [],
    flow: undefined,
    registeredAtMs: nowMs - 1000,
    callId: 'c',
    cseq: 1,
    branch: 'b',
    userAgent: '',
    ...more,
  };
}

it('shows the highest q first, then the most recent; no q counts as 1', () => {
  const bindings = [
    binding('sip:low@h', { qMilli: 200 }),
    binding('sip:old@h', { registeredAtMs: nowMs - 9000 }),
    binding('sip:new@h'),
    binding('sip:full@h', { qMilli: 1000, registeredAtMs: nowMs - 5000 }),
  ];
  const shown = toPublicRegistration('sip:x@h', bindings, nowMs);
  expect(shown.bindings.map(({ contact, q }) => [contact, q])).toEqual([
    ['sip:new@h', 1],
    ['sip:full@h', 1],
    ['sip:old@h', 1],
    ['sip:low@h', 0.2],
  ]);
});

it('shows text as people read it, instants and what is left', () => {
  const shown = toPublicRegistration(
    'sip:x@h',
    [
      binding('sip:z\u00c3\u00bc@h', {
        params: ';methods="INVITE, BYE";x="\u00d0\u0097"',
        userAgent: 'T\u00c3\u00a9l',
        flow: {
          edge: 'edge-0',
          token: 't',
          transport: 3,
          localAddress: '',
          remoteAddress: '192.0.2.1:5060',
        },
      }),
    ],
    nowMs,
  );
  expect(shown).toMatchObject({
    aor: 'sip:x@h',
    expireTime: new Date(nowMs + 90_500),
    bindings: [
      {
        contact: 'sip:zü@h',
        remaining: { seconds: 90, nanos: 500_000_000 },
        expireTime: new Date(nowMs + 90_500),
        refreshTime: new Date(nowMs - 1000),
        methods: ['INVITE', 'BYE'],
        params: ';methods="INVITE, BYE";x="З"',
        userAgent: 'Tél',
        received: '192.0.2.1:5060',
        flow: { edge: 'edge-0', token: 't', transport: 'tls' },
      },
    ],
  });
});

it('an AOR without bindings has no expiry', () => {
  expect(toPublicRegistration('sip:x@h', [], nowMs)).toEqual({
    aor: 'sip:x@h',
    bindings: [],
    etag: '',
    expireTime: undefined,
  });
});

it.each([
  ['', []],
  [';audio', []],
  [';methods="INVITE"', ['INVITE']],
  [';a="x;methods=\\"NO\\"";Methods = "INVITE,,BYE"', ['INVITE', 'BYE']],
  [';methods=INVITE', ['INVITE']],
  [';methods', []],
  [';methods="', ['"']],
])('methods of %s', (params, methods) => {
  expect(readMethods(params)).toEqual(methods);
});
