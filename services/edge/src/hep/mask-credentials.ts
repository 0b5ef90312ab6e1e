/**
 * Headers with something in them that proves who somebody is: credentials, and what a server proves itself with, from
 * which a password can be guessed as well. A line that goes on in the next one (RFC 3261 §7.3.1) is taken whole. Bodies
 * are looked through too: a message may carry another (message/sip, message/sipfrag).
 */
const secretHeader =
  /((?:^|[\r\n])[ \t]*(?:proxy-)?(?:authorization|authentication-info)[ \t]*:)((?:[^\r\n]|\r?\n[ \t]|\r(?!\n))*)/gi;
const mayHaveSecrets = /authori[sz]ation|authentication-info/i;

/** What may be seen of digest credentials: it says who asked, and proves nothing. */
const harmless = new Set([
  'username',
  'realm',
  'uri',
  'algorithm',
  'qop',
  'nc',
  'userhash',
  'opaque',
  'stale',
]);

const param = /[\s,]*([A-Za-z0-9_-]+)(\s*=\s*)("(?:[^"\\]|\\[\s\S])*"|[^\s,"=]+)(?=[\s,]|$)/y;
const scheme = /^[\s]*([A-Za-z0-9_-]+)(?=\s)/;

/**
 * The message with credentials overwritten by asterisks: response, nonce, cnonce and whatever else is not known to be
 * harmless; bearer tokens and unknown schemes whole. Its length stays the same.
 *
 * @returns the very same bytes where there is nothing to hide
 */
export function maskCredentials(message: Buffer): Buffer {
  const text = message.toString('latin1');
  if (!mayHaveSecrets.test(text)) return message;
  const masked = text.replace(secretHeader, (_, name: string, value: string) => name + maskValue(value));
  return Buffer.from(masked, 'latin1');
}

function maskValue(value: string): string {
  const stars = value.replace(/[^\s,]/g, '*');
  const named = scheme.exec(value);
  // Authentication-Info has parameters only.
  const start = named === null ? 0 : named[0].length;
  if (named !== null && named[1]?.toLowerCase() !== 'digest')
    return value.slice(0, start) + stars.slice(start);
  let shown = value.slice(0, start);
  param.lastIndex = start;
  for (let match = param.exec(value); match !== null; match = param.exec(value)) {
    const [whole, name = '', , content = ''] = match;
    const from = param.lastIndex - content.length;
    const before = value.slice(shown.length, shown.length + whole.length - content.length);
    shown += before + (harmless.has(name.toLowerCase()) ? content : stars.slice(from, param.lastIndex));
  }
  // What cannot be read might be anything.
  return shown + stars.slice(shown.length);
}
