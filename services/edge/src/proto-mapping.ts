import {
  type Contact,
  type Credentials,
  type Flow as FlowMessage,
  type RegisterRequest,
  Transport,
} from '@rollcall/rpc';
import {
  type ContactValue,
  canonicalAor,
  type DigestCredentials,
  inHeader,
  parseAddress,
  parseUri,
  SipParseError,
  type SipRequest,
  type Uri,
} from '@rollcall/sip';
import { type Flow, formatHostPort, type TransportName } from '@rollcall/transport';

const transports: Readonly<Record<TransportName, Transport>> = {
  udp: Transport.UDP,
  tcp: Transport.TCP,
  tls: Transport.TLS,
  ws: Transport.WS,
  wss: Transport.WSS,
};

/** The flow as the services behind the edge know it. */
export function flowToProto(flow: Flow, edgeName: string): FlowMessage {
  return {
    edge: edgeName,
    token: flow.flowToken,
    transport: transports[flow.transport],
    localAddress: formatHostPort(flow.local),
    remoteAddress: formatHostPort(flow.remote),
  };
}

/**
 * The domain that a REGISTER is for; reads what {@link requestToProto} reads of it, so that what is malformed is told
 * before anybody is challenged.
 *
 * @throws SipParseError with status 400 or 416, as requestToProto
 */
export function domainOf(request: SipRequest): string {
  if (request.toUri.kind !== 'sip') throw new SipParseError('SIP_ERR_TO_SCHEME', 400, 0);
  void request.contacts;
  void request.vias;
  readPath(request);
  return hostOf(request.uri);
}

/**
 * A REGISTER in the words of the registrar's contract.
 *
 * @param edgePath the edge's own Path; empty for none
 * @throws SipParseError with status 400 where a header that a registrar reads is malformed (RFC 3261 section 8.2.2).
 */
export function requestToProto(
  request: SipRequest,
  flow: Flow,
  edgeName: string,
  edgePath: string,
): RegisterRequest {
  const contacts = request.contacts;
  return {
    domain: hostOf(request.uri),
    aor: aorOf(request.toUri),
    requestUri: request.requestUri,
    fromUri: request.from.uri,
    callId: request.callId,
    cseq: request.cseq.sequence,
    branch: request.topVia.branch ?? '',
    contacts: contacts.star ? [] : contacts.contacts.map(contactToProto),
    removeAll: contacts.star,
    expiresSec: request.expiresSec,
    path: readPath(request),
    supported: request.supported.map((tag) => tag.toLowerCase()),
    require: [...request.require],
    credentials: request.authorization.map(credentialsToProto),
    flow: flowToProto(flow, edgeName),
    userAgent: request.userAgent,
    viaCount: request.vias.length,
    body: request.body,
    featureCaps: [...request.values('feature-caps')],
    secureAor: isSecure(request.toUri),
    edgePath,
  };
}

/** Path values as received. Each is a name-addr of a SIP URI (RFC 3327 §4): callers are given them as routes. */
function readPath(request: SipRequest): string[] {
  try {
    for (const value of request.path) {
      const { uri } = parseAddress(value);
      if (!value.includes('<') || parseUri(uri).kind !== 'sip')
        throw new SipParseError('SIP_ERR_ADDRESS', 400, 0);
    }
  } catch (error) {
    throw inHeader(error, 'Path');
  }
  return [...request.path];
}

function isSecure(uri: Uri): boolean {
  return uri.kind === 'sip' && uri.scheme === 'sips';
}

/** Host of a Request-URI in lower case. */
function hostOf(uri: Uri): string {
  if (uri.kind !== 'sip') throw new SipParseError('SIP_ERR_URI_SCHEME', 416, 0);
  return uri.host;
}

/** Canonical AOR of the To header (RFC 3261 section 10.3 step 5). Only a SIP URI can be registered: 400 otherwise. */
function aorOf(uri: Uri): string {
  if (uri.kind !== 'sip') throw new SipParseError('SIP_ERR_TO_SCHEME', 400, 0);
  return canonicalAor(uri);
}

function contactToProto(contact: ContactValue): Contact {
  return {
    uri: contact.uri,
    params: contact.otherParams,
    expiresSec: contact.expiresSec,
    qMilli: contact.qMilli,
    instanceId: contact.instanceId,
    regId: contact.regId,
  };
}

/** Digest credentials in the words of the contract. */
export function credentialsToProto(credentials: DigestCredentials): Credentials {
  return {
    username: credentials.username,
    realm: credentials.realm,
    nonce: credentials.nonce,
    uri: credentials.uri,
    response: credentials.response,
    algorithm: credentials.algorithm,
    cnonce: credentials.cnonce,
    nc: credentials.nc,
    qop: credentials.qop,
    opaque: credentials.opaque,
    userhash: credentials.userhash,
  };
}
