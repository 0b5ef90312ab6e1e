import {
  buildResponse,
  canonicalAor,
  decodeUtf8,
  type Framing,
  parseMessage,
  type SipMessage,
  SipParseError,
  type SipRequest,
  sameUri,
  serialise,
  validateRequest,
  validateResponse,
} from '../src/index.ts';

/** What this library promises for any bytes at all; anything thrown from here is a finding. */
export function exercise(bytes: Buffer): void {
  exerciseAs(bytes, 'datagram');
  exerciseAs(bytes, 'stream');
}

function exerciseAs(bytes: Buffer, framing: Framing): void {
  const message = attempt(() => parseMessage(bytes, framing));
  if (message === undefined) return;
  readAll(message);
  checkHead(message, framing);
  checkSerialised(message);
  if (message.kind === 'request') exerciseRequest(message);
  else {
    const code = validateResponse(message);
    if (code === undefined) attemptNothing(() => [message.topVia, message.cseq, message.from, message.to]);
  }
}

/** Runs what may refuse its input with this library's own error, and with no other. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof SipParseError && error.at >= 0 && error.code.startsWith('SIP_ERR_'))
      return undefined;
    throw error;
  }
}

/** Runs what may refuse nothing. */
function attemptNothing(run: () => unknown): void {
  run();
}

const getters = [
  'topVia',
  'vias',
  'from',
  'to',
  'callId',
  'cseq',
  'contacts',
  'expiresSec',
  'minExpiresSec',
  'maxForwards',
  'supported',
  'require',
  'proxyRequire',
  'unsupported',
  'allow',
  'path',
  'route',
  'recordRoute',
  'serviceRoute',
  'userAgent',
] as const;

function readAll(message: SipMessage): void {
  for (const getter of getters) attempt(() => message[getter]);
  for (const name of ['via', 'contact', 'authorization', 'x-unknown', 'accept']) {
    for (const row of message.rows(name))
      assert(!row.includes('\r') && !row.includes('\n'), 'a row with a line end');
    attempt(() => message.values(name));
  }
  if (message.kind === 'request') {
    attempt(() => message.uri);
    attempt(() => message.toUri);
    attempt(() => message.authorization);
    attempt(() => message.event);
    attempt(() => message.subscriptionState);
    attempt(() => message.contentType);
    attempt(() => message.dateAtMs);
  } else {
    attempt(() => message.wwwAuthenticate);
    attempt(() => message.proxyAuthenticate);
    attempt(() => message.authenticationInfo);
    attempt(() => message.retryAfterSec);
    decodeUtf8(message.reasonPhrase);
  }
}

/** The head must end where a framer, which looks for the first empty line, says that it ends. */
function checkHead(message: SipMessage, framing: Framing): void {
  const { bytes, startLineAt, bodyAt, defect } = message.parts;
  if (framing === 'datagram' || defect !== undefined) return;
  const end = bytes.indexOf('\r\n\r\n', startLineAt);
  assert(end + 4 === bodyAt, 'a head that ends elsewhere than for a framer');
}

function checkSerialised(message: SipMessage): void {
  const bytes = serialise(message);
  if (message.parts.defect !== undefined) return;
  const again = parseMessage(bytes, 'stream');
  assert(again.parts.defect === undefined, 'serialised: a defect');
  assert(again.body.equals(message.body), 'serialised: another body');
  assert(serialise(again).equals(bytes), 'serialised: other bytes the second time');
  assert(again.row('contact') === message.row('contact'), 'serialised: another Contact');
}

function exerciseRequest(request: SipRequest): void {
  const verdict = validateRequest(request, { require: new Set(), proxyRequire: new Set() });
  if (verdict === undefined)
    attemptNothing(() => [request.vias, request.from, request.to, request.callId, request.cseq, request.uri]);
  const response = buildResponse(request, 400, 'Bad Request', {
    toTag: 't',
    received: '192.0.2.1',
    rport: 5061,
  });
  const read = parseMessage(response, 'stream');
  if (request.parts.defect === undefined) {
    assert(read.parts.defect === undefined, 'response: a defect');
    assert(read.rows('via').length === request.rows('via').length, 'response: other Vias');
    assert(read.rows('contact').length === 0, 'response: a header that was injected');
  }
  if (verdict === undefined) {
    assert(read.topVia.received === '192.0.2.1', 'response: no received');
    assert(read.to.tag !== undefined, 'response: no To tag');
    assert(read.vias.length === request.vias.length, 'response: other Via values');
  }
  exerciseUris(request);
}

function exerciseUris(request: SipRequest): void {
  const uri = attempt(() => request.uri);
  if (uri?.kind === 'sip') {
    const aor = canonicalAor(uri);
    for (let at = 0; at < aor.length; at += 1) {
      const code = aor.charCodeAt(at);
      assert(code > 0x20 && code < 0x7f, 'an AOR that is not printable');
    }
  }
  const contacts = attempt(() => request.contacts);
  if (contacts === undefined || contacts.star) return;
  for (const contact of contacts.contacts.slice(0, 4)) {
    assert(sameUri(contact.uri, `${contact.uri}`), 'a URI that is not itself');
    assert(
      sameUri(contact.uri, request.requestUri) === sameUri(request.requestUri, contact.uri),
      'a comparison that depends on its order',
    );
  }
}

function assert(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}
