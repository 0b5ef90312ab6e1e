import { TemporaryGruus } from '@rollcall/gruu';
import {
  ContactEvent,
  EventType,
  GrpcCode,
  type PublicBinding,
  type RegistrationEvent,
  ServiceFault,
  type WatchRegistrationResponse,
} from '@rollcall/rpc';
import { describe, expect, it } from 'vitest';
import { absence } from '../test/fakes.ts';
import { Rig } from '../test/rig.ts';

const aor = 'sip:alice@example.com';

function binding(change: Partial<PublicBinding> = {}): PublicBinding {
  return {
    contact: 'sip:alice@192.0.2.1',
    remaining: undefined,
    expireTime: new Date(1_790_000_060_000),
    q: 1,
    path: ['<sip:secret;lr>'],
    instanceId: '',
    regId: 0,
    methods: [],
    params: '',
    userAgent: '',
    received: '192.0.2.9:5060',
    flow: undefined,
    refreshTime: undefined,
    callId: 'c1',
    cseq: 1,
    bindingId: 'b1',
    gruuTime: undefined,
    gruuFirstCseq: 0,
    ...change,
  };
}

function event(type: EventType, change: Partial<PublicBinding> = {}, byOperator = false): RegistrationEvent {
  const changed = binding(change);
  return {
    type,
    aor,
    bindingId: changed.bindingId,
    binding: changed,
    revision: 1,
    time: undefined,
    byOperator,
  };
}

function turns(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

async function open(rig: Rig, mayWrite = () => true, temporaryGruus = false) {
  const told: WatchRegistrationResponse[] = [];
  const ended: (string | undefined)[] = [];
  const stream = rig.registrar.calls.watchRegistration(
    { aor, watcher: aor, temporaryGruus },
    {
      onResponse: (response) => {
        told.push(response);
        return mayWrite();
      },
      onEnd: (fault) => ended.push(fault?.reason),
    },
  );
  await turns();
  const tell = async (...args: Parameters<Rig['registrations']['tell']>) => {
    rig.registrations.tell(...args);
    await turns();
    return told.splice(0).map(({ full, contacts }) => ({
      full,
      contacts: contacts.map((each) => [each.id, each.event]),
    }));
  };
  return { told, ended, tell, stream };
}

it('RE4: tells all contacts, then each change with its event', async () => {
  const { tell } = await open(new Rig());
  expect(await tell([event(EventType.SNAPSHOT)], '', false)).toEqual([]);
  expect(await tell([], 't1', true)).toEqual([{ full: true, contacts: [['b1', ContactEvent.REGISTERED]] }]);
  const changes = [
    [EventType.CREATED, ContactEvent.REGISTERED],
    [EventType.REFRESHED, ContactEvent.REFRESHED],
    [EventType.REMOVED, ContactEvent.UNREGISTERED],
    [EventType.EXPIRED, ContactEvent.EXPIRED],
    [EventType.FLOW_FAILED, ContactEvent.DEACTIVATED],
  ] as const;
  for (const [type, expected] of changes) {
    const contacts = [['b2', expected]];
    expect(await tell([event(type, { bindingId: 'b2' })], 't2')).toEqual([{ full: false, contacts }]);
  }
});

it('RE4: what the operator removes may register again', async () => {
  const { tell } = await open(new Rig());
  await tell([event(EventType.SNAPSHOT)], 't', true);
  const contacts = [['b1', ContactEvent.DEACTIVATED]];
  expect(await tell([event(EventType.REMOVED, {}, true)], 't2')).toEqual([{ full: false, contacts }]);
});

it('RE4: an AOR whose bindings expired while nobody looked loses them all', async () => {
  const { tell } = await open(new Rig());
  await tell([event(EventType.SNAPSHOT), event(EventType.SNAPSHOT, { bindingId: 'b2' })], '', false);
  await tell([], 't', true);
  const all = {
    type: EventType.EXPIRED,
    aor,
    bindingId: '',
    binding: undefined,
    revision: 2,
    time: undefined,
    byOperator: false,
  };
  const gone = ['b1', 'b2'].map((id) => [id, ContactEvent.EXPIRED]);
  expect(await tell([all], 't')).toEqual([{ full: false, contacts: gone }]);
});

it('PN6 RE6: tells GRUUs, and nothing of paths, flows and push services', async () => {
  const rig = new Rig();
  const { told } = await open(rig);
  const instanceId = 'urn:uuid:00000000-0000-1000-8000-000a95a0e128';
  const contact = 'sip:alice@192.0.2.1;pn-provider=apns;pn-prid=1;ob';
  const params = ';audio;pn-prid=2';
  rig.registrations.tell(
    [event(EventType.SNAPSHOT, { contact, params, instanceId, regId: 1, q: 0.5 })],
    't',
    true,
  );
  await turns();
  const text = JSON.stringify(told);
  expect(text).not.toMatch(/pn-|secret|192\.0\.2\.9/);
  expect(told[0]?.contacts[0]).toMatchObject({
    uri: 'sip:alice@192.0.2.1;ob',
    params: ';audio',
    qMilli: 500,
    expiresSec: 60,
    publicGruu: `${aor};gr=${instanceId}`,
  });
});

it('RE6: tells temporary GRUUs to who may register the AOR, those of its last registration', async () => {
  const secret = 'a secret of temporary GRUUs';
  const instanceId = 'urn:uuid:00000000-0000-1000-8000-000a95a0e128';
  const gruuOf = (epochMs: number, cseq: number) =>
    new TemporaryGruus([secret]).make(aor, instanceId, epochMs, { callId: 'c1', cseq });
  const flow = (regId: number, epochMs: number, cseq: number, gruuFirstCseq: number) => ({
    bindingId: `b${regId}`,
    instanceId,
    regId,
    cseq,
    gruuTime: new Date(epochMs),
    refreshTime: new Date(epochMs + cseq),
    gruuFirstCseq,
  });
  const watch = async (mayRegister: boolean) => {
    const rig = new Rig({ gruuSecrets: [secret] });
    const { told } = await open(rig, () => true, mayRegister);
    rig.registrations.tell([event(EventType.SNAPSHOT, flow(1, 1000, 3, 2))], 't', true);
    await turns();
    // The other flow comes with another Call-ID: what was good is void, for both.
    rig.registrations.tell([event(EventType.CREATED, flow(2, 2000, 8, 8))], 't');
    rig.registrations.tell([event(EventType.EXPIRED, flow(1, 1000, 3, 2))], 't');
    await turns();
    return told.flatMap(({ contacts }) =>
      contacts.map((each) => [each.id, each.temporaryGruu, each.firstCseq]),
    );
  };
  expect(await watch(true)).toEqual([
    ['b1', gruuOf(1000, 3), 2],
    ['b2', gruuOf(2000, 8), 8],
    ['b1', '', 0],
  ]);
  expect((await watch(false)).map(([, gruu]) => gruu)).toEqual(['', '', '']);
});

it('goes on where another location does, and tells all again where too much was missed', async () => {
  const rig = new Rig();
  const { tell, stream } = await open(rig);
  await tell([event(EventType.SNAPSHOT)], 't1', true);
  rig.registrations.end(new ServiceFault(GrpcCode.UNAVAILABLE, 'DRAINING', 'x'));
  rig.clock.pass(5000);
  await turns();
  expect(rig.registrations.watches[0]?.request.resumeToken).toBe('t1');
  rig.registrations.end(new ServiceFault(GrpcCode.OUT_OF_RANGE, 'REVISION_COMPACTED', 'x'));
  rig.clock.pass(5000);
  await turns();
  expect(rig.registrations.watches[0]?.request.resumeToken).toBe('');
  const [last] = (await tell([event(EventType.SNAPSHOT, { bindingId: 'b3' })], 't', true)).slice(-1);
  expect(last).toEqual({ full: true, contacts: [['b3', ContactEvent.REGISTERED]] });
  stream.cancel();
  expect(rig.registrations.watches).toEqual([]);
});

it('gives a reader that was behind all contacts, instead of what it missed', async () => {
  let mayWrite = false;
  const rig = new Rig();
  const { tell, stream, told } = await open(rig, () => mayWrite);
  await tell([event(EventType.SNAPSHOT)], 't1', true);
  expect(await tell([event(EventType.CREATED, { bindingId: 'b2' })], 't2')).toEqual([]);
  mayWrite = true;
  stream.resume();
  expect(told.map(({ full, contacts }) => [full, contacts.length])).toEqual([[true, 2]]);
});

it('says now and then that it lives', async () => {
  const rig = new Rig();
  const { told } = await open(rig);
  rig.clock.pass(5000);
  expect(told).toEqual([{ full: false, contacts: [] }]);
});

describe('RE3: who may watch no more', () => {
  const invalidate = async (rig: Rig, username: string) => {
    rig.auth.sendInvalidated(username);
    await turns();
  };

  it('is told so when watcher or watched has changed', async () => {
    const rig = new Rig();
    const { ended } = await open(rig);
    await invalidate(rig, 'alice');
    rig.auth.refusedWatchers.add(aor);
    await invalidate(rig, 'bob');
    expect(ended).toEqual([]);
    await invalidate(rig, 'alice@example.com');
    expect(ended).toEqual(['WATCH_REVOKED']);
    expect(rig.registrations.watches).toEqual([]);
  });

  it('is told so at the start: another registrar may have granted it long ago', async () => {
    const rig = new Rig();
    rig.auth.refusedWatchers.add(aor);
    expect((await open(rig)).ended).toEqual(['WATCH_REVOKED']);
  });

  it('is told so when auth, which was away, says all anew', async () => {
    const rig = new Rig();
    const { ended } = await open(rig);
    rig.auth.refusedWatchers.add(aor);
    rig.auth.sendSnapshot();
    await turns();
    expect(ended).toEqual(['WATCH_REVOKED']);
  });

  it('watches on while auth cannot say, and is asked for again', async () => {
    const rig = new Rig();
    const { ended } = await open(rig);
    rig.auth.refusedWatchers.add(aor);
    rig.auth.fault = absence;
    await invalidate(rig, 'alice');
    rig.clock.pass(1000);
    await turns();
    expect(ended).toEqual([]);
    rig.auth.fault = undefined;
    rig.clock.pass(1000);
    await turns();
    expect(ended).toEqual(['WATCH_REVOKED']);
  });
});
