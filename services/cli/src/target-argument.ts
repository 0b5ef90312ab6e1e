import { grpcTarget } from '@rollcall/runtime';

/**
 * Reads a gRPC target as configuration does: "host:port" or "dns:///host:port".
 *
 * @throws TypeError that says what is wrong
 */
export function parseTarget(text: string): string {
  const result = grpcTarget.safeParse(text);
  if (!result.success) throw new TypeError(`"${text}" must be host:port, for example 127.0.0.1:50053`);
  return result.data;
}
