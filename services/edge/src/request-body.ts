import type { SipRequest } from '@rollcall/sip';
import type { Exchange } from './exchange.ts';

/**
 * What is answered here has no use for a body, and ignores whatever type it is of. Refused all the same, unless the sender
 * calls the body optional, are (RFC 3261 section 8.2.3): an encoding that cannot be undone, a body that is encrypted for
 * somebody (section 23.2), and one that its sender wants to be handled by all means. Returns true where the request was
 * answered.
 */
export function refuseBody(exchange: Exchange): boolean {
  const { request } = exchange;
  if (request.body.length === 0) return false;
  const handling = handlingOf(request);
  if (handling === 'optional') return false;
  if (request.values('content-encoding').some((coding) => coding.toLowerCase() !== 'identity'))
    exchange.reply(415, 'Accept: */*\r\nAccept-Encoding: identity\r\nAccept-Language: *\r\n');
  else if (isEncrypted(request)) exchange.reply(493);
  // An empty Accept says that no type is understood (section 20.1).
  else if (handling === 'required') exchange.reply(415, 'Accept:\r\n');
  else return false;
  return true;
}

/** The handling parameter of Content-Disposition in lower case; '' where it is not said. */
function handlingOf(request: SipRequest): string {
  const found = /;\s*handling\s*=\s*([^\s;]+)/i.exec(request.row('content-disposition') ?? '');
  return found?.[1]?.toLowerCase() ?? '';
}

/** True for a body of S/MIME that is encrypted (RFC 8551 section 3.2.2); no key is ever ours. */
function isEncrypted(request: SipRequest): boolean {
  const type = request.row('content-type') ?? '';
  return (
    /^application\s*\/\s*(x-)?pkcs7-mime\s*(;|$)/i.test(type) &&
    /;\s*smime-type\s*=\s*"?(auth)?enveloped-data\b/i.test(type)
  );
}
