/** What a phone and a registrar send each other in an authenticated registration, as real ones look. */

function message(...lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

export const register = message(
  'REGISTER sip:example.com SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.101:5060;branch=z9hG4bK776asdhds8f3e;rport',
  'Max-Forwards: 70',
  'From: "Alice" <sip:alice@example.com>;tag=49583a1b',
  'To: "Alice" <sip:alice@example.com>',
  'Call-ID: 843817637684230-998sdasdh09@192.0.2.101',
  'CSeq: 1827 REGISTER',
  'Contact: <sip:alice@192.0.2.101:5060;transport=udp;ob>;expires=3600;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>";reg-id=1',
  'Authorization: Digest username="alice", realm="example.com", nonce="ZjI5ZTI3MDAwMDAxOTNhYmNkZWZnaGlqa2xtbm9wcXI", uri="sip:example.com", response="b4a828229dc4f92bfb948cbd6ecfafbae8a1dbe6bb1bc2f757f9e675bcca96e0", algorithm=SHA-256, cnonce="0a4f113b", opaque="8bd1", qop=auth, nc=00000001',
  'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, REFER, MESSAGE',
  'Supported: path, outbound, gruu',
  'User-Agent: Desk Phone 8841/14.2.1',
  'Expires: 3600',
  'Content-Length: 0',
);

export const okRows =
  'Contact: <sip:alice@192.0.2.101:5060;transport=udp;ob>;expires=3412;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>";reg-id=1\r\n' +
  'Supported: path, outbound\r\nDate: Sat, 13 Nov 2010 23:29:00 GMT\r\n';

export const ok = message(
  'SIP/2.0 200 OK',
  'Via: SIP/2.0/UDP 192.0.2.101:5060;branch=z9hG4bK776asdhds8f3e;rport=5060;received=192.0.2.101',
  'From: "Alice" <sip:alice@example.com>;tag=49583a1b',
  'To: "Alice" <sip:alice@example.com>;tag=2493k59kd',
  'Call-ID: 843817637684230-998sdasdh09@192.0.2.101',
  'CSeq: 1827 REGISTER',
  ...okRows.trimEnd().split('\r\n'),
  'Content-Length: 0',
);
