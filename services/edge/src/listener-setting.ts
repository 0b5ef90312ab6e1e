import type { TransportName } from '@rollcall/transport';

/** What listeners are told apart by: all of a transport, or the one of it at a port. */
export interface ListenerSelector {
  readonly transport: TransportName;
  readonly port: number | undefined;
}

/** What a setting of listeners may hold besides its values, as the end of "must be …". */
export const listenerSettingForm =
  'between spaces; for some listeners only as transport=… or transport:port=…';

const word = /^(?:(udp|tcp|tls|ws|wss)(?::([1-9]\d{0,4}))?=)?(.*)$/;
const everywhere = '';

/**
 * Values for listeners: for all of them, for those of one transport, or for the one of it at one port. The most exact counts alone.
 * Written as words between spaces: `a,b tls=c tcp:5062=` says a and b, but c for TLS, and nothing for TCP at port 5062.
 */
export class ListenerSetting<T> {
  readonly #values: ReadonlyMap<string, readonly T[]>;

  private constructor(values: ReadonlyMap<string, readonly T[]>) {
    this.#values = values;
  }

  /** Reads the setting; undefined where it, or one of its values, cannot be read. */
  static read<T>(text: string, readValue: (text: string) => T | undefined): ListenerSetting<T> | undefined {
    const values = new Map<string, T[]>();
    for (const each of text.split(/\s+/)) {
      const [, transport = everywhere, port = '', list = ''] = word.exec(each) ?? [];
      const read = list.split(',').flatMap((value) => (value === '' ? [] : [readValue(value)]));
      if (read.includes(undefined)) return undefined;
      const key = port === '' ? transport : `${transport}:${port}`;
      values.set(key, [...(values.get(key) ?? []), ...(read as T[])]);
    }
    return new ListenerSetting(values);
  }

  /** Those of the listener of a transport at a port; empty for none. */
  of(transport: TransportName, port: number): readonly T[] {
    for (const key of [`${transport}:${port}`, transport]) {
      const values = this.#values.get(key);
      if (values !== undefined) return values;
    }
    return this.#values.get(everywhere) ?? [];
  }

  /** The listeners that it names. */
  get selectors(): ListenerSelector[] {
    return [...this.#values.keys()]
      .filter((key) => key !== everywhere)
      .map((key) => {
        const [transport, port] = key.split(':');
        return { transport: transport as TransportName, port: port === undefined ? undefined : Number(port) };
      });
  }

  /** The same without some of its values. */
  keep(holds: (value: T) => boolean): ListenerSetting<T> {
    return new ListenerSetting(
      new Map([...this.#values].map(([key, values]) => [key, values.filter(holds)])),
    );
  }
}
