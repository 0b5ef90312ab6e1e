import { connectLocationApi, type Registration, type RpcClock } from '@rollcall/rpc';
import { clientClock } from './client-clock.ts';
import { type ClientTlsFiles, RenewedFiles } from './client-tls.ts';
import { RegistrationWatch } from './registration-watch.ts';
import { callOnce, callUntilDone } from './retry.ts';
import type { WatchedEvent, WatchOptions, WatchScope } from './watch-event.ts';

/** How to connect. */
export interface ConnectOptions {
  /** Over TLS, with these files; undefined: without TLS. */
  readonly tls?: ClientTlsFiles;
  /** How long a question may take, attempts and pauses included, in milliseconds; default 5,000. */
  readonly timeoutMs?: number;
  /** Real time, unless a test wants another. */
  readonly clock?: RpcClock;
}

/** How to list. */
export interface ListOptions {
  /** Fields to be read, for example `['aor', 'bindings.contact']`; all by default. */
  readonly fields?: readonly string[];
}

/** Asks Rollcall where AORs are. All methods throw RollcallError. */
export interface RollcallClient {
  /** What is bound to an AOR, the best contact first; an AOR without bindings has an empty list. */
  lookUp(aor: string): Promise<Registration>;
  /** The same for any number of AORs, in their order; an error of one is its own. */
  lookUpAll(aors: readonly string[]): Promise<(Registration | Error)[]>;
  /** The registrations of a domain, one after the other, however many there are. */
  list(domain: string, options?: ListOptions): AsyncIterable<Registration>;
  /**
   * The bindings of AORs or of a domain, and each change of them. It goes on by itself when a server stops, a connection
   * breaks or Redis fails over: nothing is lost or told twice, or `reset` says that the state is told anew.
   */
  watch(scope: WatchScope, options?: WatchOptions): AsyncIterable<WatchedEvent>;
  /** Removes one binding; with an etag only where the registration has not changed since. Not tried again by itself. */
  deleteBinding(aor: string, bindingId: string, etag?: string): Promise<Registration>;
  /** Removes all bindings of an AOR. */
  deleteRegistration(aor: string, etag?: string): Promise<Registration>;
  /** Ends the connection; calls and watches end with it. */
  close(): void;
}

const defaultTimeoutMs = 5000;
/** The most that BatchGetRegistrations takes. */
const batchSize = 1000;
const pageSize = 1000;

/**
 * Connects to location. Every address behind the target's name is used, also those that come later.
 *
 * @param target for example "dns:///location-headless:50053"
 * @throws RangeError where the target cannot be read; Error where a file of TLS cannot
 */
export function connectToRollcall(target: string, options: ConnectOptions = {}): RollcallClient {
  const { timeoutMs = defaultTimeoutMs, clock = clientClock } = options;
  const tls = options.tls && new RenewedFiles(options.tls);
  const api = connectLocationApi(target, { clock, tls });
  const closing = new AbortController();
  const empty = (aor: string): Registration => ({ aor, bindings: [], expireTime: undefined, etag: '' });
  return {
    lookUp: async (aor) => {
      const { registration } = await callUntilDone(api.getRegistration, { aor }, timeoutMs, clock);
      return registration ?? empty(aor);
    },
    lookUpAll: async (aors) => {
      const found: (Registration | Error)[] = [];
      for (let from = 0; from < aors.length; from += batchSize) {
        const request = { aors: aors.slice(from, from + batchSize) };
        const { results } = await callUntilDone(api.batchGetRegistrations, request, timeoutMs, clock);
        for (const { aor, result } of results) {
          if (result?.$case === 'registration') found.push(result.value);
          else found.push(new Error(`${aor}: ${result?.value.message ?? 'no answer'}`));
        }
      }
      return found;
    },
    list: async function* (domain, { fields } = {}) {
      const readMask = fields === undefined ? undefined : [...fields];
      let pageToken = '';
      do {
        const request = { domain, pageSize, pageToken, readMask };
        const page = await callUntilDone(api.listRegistrations, request, timeoutMs, clock);
        yield* page.registrations;
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
    },
    watch: (scope, watchOptions = {}) => {
      const signals = [closing.signal, ...(watchOptions.signal === undefined ? [] : [watchOptions.signal])];
      return new RegistrationWatch(api, scope, watchOptions, clock).events(AbortSignal.any(signals));
    },
    deleteBinding: async (aor, bindingId, etag = '') => {
      const request = { aor, bindingId, etag, allowMissing: false };
      const { registration } = await callOnce(api.deleteBinding, request, timeoutMs);
      return registration ?? empty(aor);
    },
    deleteRegistration: async (aor, etag = '') => {
      const request = { aor, etag, allowMissing: false };
      const { registration } = await callOnce(api.deleteRegistration, request, timeoutMs);
      return registration ?? empty(aor);
    },
    close: () => {
      closing.abort();
      api.close();
    },
  };
}
