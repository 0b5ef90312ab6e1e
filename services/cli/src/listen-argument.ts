import { hostPort, type ListenAddress } from '@rollcall/runtime';

/**
 * Reads where to listen: "8080", "127.0.0.1:8080" or "[::]:8080".
 *
 * @throws TypeError that says what is wrong
 */
export function parseListen(text: string): ListenAddress {
  const result = hostPort.safeParse(/^\d+$/.test(text) ? `0.0.0.0:${text}` : text);
  if (!result.success) throw new TypeError(`"${text}" must be port or host:port, for example 9090`);
  return result.data;
}
