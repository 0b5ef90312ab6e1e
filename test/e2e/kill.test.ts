import {
  type RunningRedis,
  type ServicesCluster,
  SipAgent,
  startRedis,
  startServices,
} from '@rollcall/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectToLocation, type LocationClient } from './src/location-api.ts';
import { formatSubscribers, makePhones, type Phone } from './src/phones.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';

const victims = ['registrar', 'edge', 'location', 'auth'] as const;
/** Phones that register while one of them dies. */
const perVictim = 30;
/** How long the others may take to connect to a process that is back. */
const recovery = { timeout: 5000, interval: 200 };
const phones = makePhones('kill', 4 + victims.length * perVictim);
let folder: ScratchFolder;
let server: RunningRedis;
let cluster: ServicesCluster;
let location: LocationClient;

beforeAll(async () => {
  folder = await makeScratchFolder();
  server = await startRedis();
  cluster = await startServices({
    redisUrl: server.url,
    env: {
      AUTH_SUBSCRIBERS: `file:${await folder.write('subscribers.yaml', formatSubscribers(phones))}`,
      REGISTRAR_EXPIRES_JITTER: '0',
      // Without it, auth would make up new ones at each start, and its old nonces would be stale.
      AUTH_NONCE_SECRETS: 'sixteen-characters-or-more',
    },
  });
  location = await connectToLocation(cluster.locationApi);
});

afterAll(async () => {
  location?.close();
  await cluster?.stop();
  await server?.stop();
  await folder?.remove();
});

it.each(['registrar', 'edge'] as const)(
  'loses no acknowledged binding when the %s is killed between two registrations',
  async (victim) => {
    const [early, late] = victim === 'registrar' ? [phones[0], phones[1]] : [phones[2], phones[3]];
    if (early === undefined || late === undefined) throw new Error('no phones');
    await using agent = new SipAgent({ transport: 'udp', server: cluster.sip });
    expect((await registerFrom(agent, early)).status).toBe(200);
    const [before] = await location.bindings(early.aor);

    await cluster.program(victim).kill('SIGKILL');
    if (victim === 'registrar') {
      // Its edge says at once that it cannot, rather than let phones wait (RFC 3261 §21.5.4).
      const refused = await agent.register({
        aor: late.aor,
        password: late.password,
        contact: `<${late.contact}>`,
      });
      expect(refused.status).toBe(503);
      expect(Number(refused.row('retry-after'))).toBeGreaterThan(0);
    }
    expect(await location.bindings(early.aor)).toMatchObject([{ contact: early.contact }]);
    await cluster.program(victim).start();

    await expect.poll(async () => (await registerFrom(agent, late)).status, recovery).toBe(200);
    expect(await location.bindings(late.aor)).toMatchObject([{ contact: late.contact }]);
    expect(await location.bindings(early.aor)).toMatchObject([
      { contact: early.contact, cseq: before?.cseq },
    ]);
    // The early phone's refresh is taken as if nothing had happened.
    expect((await registerFrom(agent, early)).status).toBe(200);
    const [after, ...others] = await location.bindings(early.aor);
    expect(others).toEqual([]);
    expect(after?.contact).toBe(early.contact);
    expect(after?.cseq).toBeGreaterThan(before?.cseq ?? 0);
  },
);

it.each(victims)(
  'loses no acknowledged binding when the %s is killed while phones register',
  async (victim) => {
    const first = 4 + victims.indexOf(victim) * perVictim;
    const waiting = phones.slice(first, first + perVictim);
    const acknowledged: Phone[] = [];
    const unanswered: Phone[] = [];
    let killed: Promise<void> | undefined;
    const registerInTurn = async () => {
      await using agent = new SipAgent({ transport: 'udp', server: cluster.sip });
      for (let phone = waiting.shift(); phone !== undefined; phone = waiting.shift()) {
        // No answer within a second, and any answer but 200, is no acknowledgement.
        const answer = await registerFrom(agent, phone, 1000).catch(() => undefined);
        (answer?.status === 200 ? acknowledged : unanswered).push(phone);
        if (acknowledged.length >= 10) killed ??= cluster.program(victim).kill('SIGKILL');
      }
    };
    await Promise.all([registerInTurn(), registerInTurn(), registerInTurn(), registerInTurn()]);
    await killed;
    // Else nothing was killed, or nobody noticed.
    expect(acknowledged.length).toBeGreaterThanOrEqual(10);
    expect(unanswered.length).toBeGreaterThan(0);
    await cluster.program(victim).start();
    await location.ready();

    const found = await location.allBindings(acknowledged.map(({ aor }) => aor));
    expect(found.map((bindings) => bindings.map(({ contact }) => contact))).toEqual(
      acknowledged.map(({ contact }) => [contact]),
    );
    // The others find the new process by themselves, and everyone gets in.
    await using agent = new SipAgent({ transport: 'udp', server: cluster.sip });
    for (const phone of unanswered) {
      const statusOf = async () => (await registerFrom(agent, phone)).status;
      await expect.poll(statusOf, recovery).toBe(200);
    }
  },
);

function registerFrom(agent: SipAgent, { aor, password, contact, user }: Phone, timeoutMs = 10_000) {
  return agent.register({
    aor,
    password,
    contact: `<${contact}>`,
    expires: 600,
    callId: `${user}@kill.test`,
    timeoutMs,
  });
}
