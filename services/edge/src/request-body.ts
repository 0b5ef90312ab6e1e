import type { Exchange } from './exchange.ts';

/**
 * A registrar has no use for a body and ignores its type; an encoding that it cannot undo is refused all the same,
 * unless the sender calls the body optional (RFC 3261 section 8.2.3). Returns true where the request was answered.
 */
export function refuseBody(exchange: Exchange): boolean {
  const { request } = exchange;
  if (request.body.length === 0) return false;
  const encoding = request.row('content-encoding')?.toLowerCase();
  if (encoding === undefined || encoding === '' || encoding === 'identity') return false;
  const disposition = request.row('content-disposition')?.toLowerCase() ?? '';
  if (disposition.replaceAll(' ', '').includes('handling=optional')) return false;
  exchange.reply(415, 'Accept: */*\r\nAccept-Encoding: identity\r\nAccept-Language: *\r\n');
  return true;
}
