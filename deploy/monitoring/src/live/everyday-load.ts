import { connectLocationApi } from '@rollcall/rpc';
import { systemClock } from '@rollcall/runtime';
import { type ServicesCluster, SipAgent } from '@rollcall/testkit';
import type { RunningLoad } from './sipp-load.ts';

const [alice, right] = ['sip:alice@example.com', 'wonderland'];

/** What phones and other services do all day, a little of everything, until it is stopped; failures do not end it. */
export function startEverydayLoad(services: ServicesCluster): RunningLoad {
  let stopped = false;
  const mayGoOn = () => !stopped;
  const running = Promise.all([
    live('udp', services, mayGoOn),
    live('tcp', services, mayGoOn),
    lookUp(services, mayGoOn),
  ]);
  return {
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}

async function live(transport: 'udp' | 'tcp', services: ServicesCluster, mayGoOn: () => boolean) {
  for (let turn = 0; mayGoOn(); turn += 1) {
    // While something is broken on purpose, phones get no answer, or their connection ends: they try again.
    await liveOnce(transport, services, turn).catch(() => undefined);
    await pause(100);
  }
}

/** A phone's life in short: it registers, refreshes, mistypes its password, is called, leaves. */
async function liveOnce(transport: 'udp' | 'tcp', services: ServicesCluster, turn: number): Promise<void> {
  await using phone = new SipAgent({ transport, server: services.sip, timeoutMs: 3000 });
  await phone.register({ aor: alice, password: right, expires: 60 });
  await phone.register({ aor: alice, password: right, expires: 61 });
  await phone.request({ method: 'INVITE', uri: alice });
  await phone.request({ method: 'INVITE', uri: 'sip:nobody@example.com' });
  await phone.request({ method: 'OPTIONS', uri: 'sip:example.com' });
  if (turn % 20 === 0) await phone.register({ aor: 'sip:bob@example.com', password: 'wrong' });
  await phone.register({ aor: alice, password: right, expires: 0 });
}

/** Another service, which asks where alice is. */
async function lookUp(services: ServicesCluster, mayGoOn: () => boolean) {
  const location = connectLocationApi(`dns:///${services.locationApi}`, { clock: systemClock });
  while (mayGoOn()) {
    const call = { timeoutMs: 1000, traceparent: '' };
    // Not found is an answer: alice comes and goes.
    await location.getRegistration({ aor: alice }, call).catch(() => undefined);
    await pause(50);
  }
  location.close();
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
