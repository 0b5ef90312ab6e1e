import { connectLocationApi } from '@rollcall/rpc';
import { systemClock } from '@rollcall/runtime';
import { SipAgent } from '@rollcall/testkit';
import type { RunningLoad } from './sipp-load.ts';
import type { WatchedProduct } from './watched-product.ts';

const [alice, right] = ['sip:alice@example.com', 'wonderland'];
const [bob, bobs] = ['sip:bob@example.com', 'builder'];

type Transport = 'udp' | 'tcp' | 'tls';
type Served = Pick<WatchedProduct, 'services' | 'secure'>;
type LocationApi = ReturnType<typeof connectLocationApi>;

/** What phones and other services do all day, a little of everything, until it is stopped; failures do not end it. */
export function startEverydayLoad(product: Served): RunningLoad {
  let stopped = false;
  const mayGoOn = () => !stopped;
  const location = connectLocationApi(`dns:///${product.services.locationApi}`, { clock: systemClock });
  const unwatch = watchAll(location, mayGoOn);
  const running = Promise.all([
    live('udp', product, mayGoOn),
    live('tcp', product, mayGoOn),
    live('tls', product, mayGoOn),
    beCalled(product, location, mayGoOn),
    lookUp(location, mayGoOn),
  ]);
  return {
    stop: async () => {
      stopped = true;
      await running;
      unwatch();
      location.close();
    },
  };
}

async function live(transport: Transport, product: Served, mayGoOn: () => boolean) {
  for (let turn = 0; mayGoOn(); turn += 1) {
    // While something is broken on purpose, phones get no answer, or their connection ends: they try again.
    await liveOnce(transport, product, turn).catch(() => undefined);
    await pause(100);
  }
}

/** A phone's life in short: it registers, refreshes, mistypes its password, is called, leaves. */
async function liveOnce(transport: Transport, product: Served, turn: number): Promise<void> {
  await using phone = openAgent(transport, product);
  await phone.register({ aor: alice, password: right, expires: 60 });
  await phone.register({ aor: alice, password: right, expires: 61 });
  await phone.request({ method: 'INVITE', uri: alice });
  await phone.request({ method: 'INVITE', uri: 'sip:nobody@example.com' });
  await phone.request({ method: 'OPTIONS', uri: 'sip:example.com' });
  if (turn % 20 === 0) await phone.register({ aor: bob, password: 'wrong' });
  await phone.register({ aor: alice, password: right, expires: 0 });
}

/** A phone that is reached by its connection alone, and is busy whenever somebody calls it. */
async function beCalled(product: Served, location: LocationApi, mayGoOn: () => boolean): Promise<void> {
  while (mayGoOn()) {
    await callOnce(product, location).catch(() => undefined);
    await pause(200);
  }
}

async function callOnce(product: Served, location: LocationApi): Promise<void> {
  await using phone = openAgent('tcp', product);
  await using caller = openAgent('udp', product);
  await phone.register({ aor: bob, password: bobs, expires: 60, headers: ['Supported: path'] });
  const call = { timeoutMs: 1000, traceparent: '' };
  const { registration } = await location.getRegistration({ aor: bob }, call);
  const [binding] = registration?.bindings ?? [];
  if (binding === undefined) return;
  const headers = binding.path.map((value) => `Route: ${value}`);
  const answered = caller.request({ method: 'INVITE', uri: binding.contact, headers });
  await Promise.all([answered, phone.nextText(3000).then((invite) => phone.sendText(busy(invite)))]);
}

/** The 486 to a request, from its own rows (RFC 3261 section 8.2.6.2). */
function busy(request: string): string {
  const rows = request.split('\r\n').filter((row) => /^(via|from|to|call-id|cseq):/i.test(row));
  const tagged = rows.map((row) => (/^to:/i.test(row) ? `${row};tag=busy` : row));
  return `SIP/2.0 486 Busy Here\r\n${tagged.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`;
}

/** Another service, which asks where alice is. */
async function lookUp(location: LocationApi, mayGoOn: () => boolean) {
  while (mayGoOn()) {
    const call = { timeoutMs: 1000, traceparent: '' };
    // Not found is an answer: alice comes and goes.
    await location.getRegistration({ aor: alice }, call).catch(() => undefined);
    await pause(50);
  }
}

/** Another service, which wants to hear of everybody; returns how to end that. */
function watchAll(location: LocationApi, mayGoOn: () => boolean): () => void {
  const open = () =>
    location.watchRegistrations(
      { aors: [], domain: 'example.com', resumeToken: '', skipInitialState: true },
      {
        onResponse: () => true,
        onEnd: () => {
          setTimeout(() => {
            if (mayGoOn()) watch = open();
          }, 500);
        },
      },
    );
  let watch = open();
  return () => watch.cancel();
}

function openAgent(transport: Transport, { services, secure }: Served): SipAgent {
  return transport === 'tls'
    ? new SipAgent({ transport, server: secure, tls: secure.trust, timeoutMs: 3000 })
    : new SipAgent({ transport, server: services.sip, timeoutMs: 3000 });
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
