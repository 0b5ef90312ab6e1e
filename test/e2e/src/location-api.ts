import { connectLocationApi, type PublicBinding } from '@rollcall/rpc';
import { systemClock } from '@rollcall/runtime';

/** What another service of the operator's knows about phones. */
export interface LocationClient {
  /** The bindings of an AOR. */
  bindings(aor: string): Promise<readonly PublicBinding[]>;
  /** The bindings of many AORs, in their order. */
  allBindings(aors: readonly string[]): Promise<readonly (readonly PublicBinding[])[]>;
  /** Waits until it can be asked, again. */
  ready(): Promise<void>;
  close(): void;
}

const timeoutMs = 10_000;
/** The most that BatchGetRegistrations takes. */
const batch = 1000;

/** Connects to the public API as any other service would. */
export async function connectToLocation(address: string): Promise<LocationClient> {
  const calls = connectLocationApi(`dns:///${address}`, { clock: systemClock });
  const context = { timeoutMs, traceparent: '' };
  await calls.whenReady(timeoutMs);
  return {
    bindings: async (aor) => {
      const { registration } = await calls.getRegistration({ aor }, context);
      return registration?.bindings ?? [];
    },
    allBindings: async (aors) => {
      const all: (readonly PublicBinding[])[] = [];
      for (let from = 0; from < aors.length; from += batch) {
        const asked = aors.slice(from, from + batch);
        const { results } = await calls.batchGetRegistrations({ aors: asked }, context);
        results.forEach(({ aor, result }, index) => {
          if (aor !== asked[index]) throw new Error(`asked for ${asked[index]}, got ${aor}`);
          if (result?.$case !== 'registration') throw new Error(`${aor}: ${JSON.stringify(result)}`);
          all.push(result.value.bindings);
        });
      }
      return all;
    },
    ready: () => calls.whenReady(timeoutMs),
    close: () => calls.close(),
  };
}
