import { setLogger } from '@grpc/grpc-js';

/** What grpc-js prints about an address that cannot be had; the error that it gives says why as well. */
const saidTwice = /^No address added out of total/;

/** Lets grpc-js print what it has to say, but for what its caller says better. */
export function listenQuietly(): void {
  const print =
    (letter: string) =>
    (text: string, ...rest: unknown[]) => {
      if (!saidTwice.test(text)) console.error(`${letter} ${text}`, ...rest);
    };
  setLogger({ error: print('E'), info: print('I'), debug: print('D') });
}
