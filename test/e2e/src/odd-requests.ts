/** A generator of numbers that gives the same ones for the same seed: a failure can be run again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const methods = ['REGISTER', 'INVITE', 'OPTIONS', 'SUBSCRIBE', 'MESSAGE', 'BYE', 'ACK', 'CANCEL', 'PUBLISH'];
const uris = [
  'sip:example.com',
  'sip:nobody@example.com',
  'sip:alice@example.com',
  'tel:+441632',
  'http://x',
  '',
];
const versions = ['SIP/2.0', 'SIP/3.0', 'HTTP/1.1', ''];
const headers = [
  'Require: x',
  'Proxy-Require: y',
  'Content-Type: text/plain',
  'Expires: 1',
  'Expires: x',
  'Contact: *',
  'Contact: <sip:a@b>',
  'Authorization: Digest username="a"',
  'Max-Forwards: 0',
];

/** Requests that somebody with too much time sends: invented methods and domains, broken syntax, odd combinations. */
export function* oddRequests(count: number, seed: number): Generator<string> {
  const below = numbers(seed);
  const pick = (list: readonly string[]) => list[below(list.length)] ?? '';
  const word = () =>
    Array.from({ length: 1 + below(12) }, () => String.fromCharCode(65 + below(26))).join('');
  for (let index = 0; index < count; index += 1) {
    const method = below(3) === 0 ? word() : pick(methods);
    const user = below(2) === 0 ? 'alice' : word();
    const domain = below(2) === 0 ? 'example.com' : `${word()}.test`;
    const rows = [
      `${method} ${below(3) === 0 ? `sip:${word()}@${domain}` : pick(uris)} ${below(5) === 0 ? pick(versions) : 'SIP/2.0'}`,
      below(20) === 0 ? 'Via: nonsense' : `Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK${seed}-${index};rport`,
      `From: <sip:${user}@${domain}>;tag=${index}`,
      `To: <sip:${user}@${domain}>${below(9) === 0 ? ';tag=x' : ''}`,
      `Call-ID: ${seed}-${index}`,
      below(20) === 0 ? 'CSeq: x' : `CSeq: 1 ${below(9) === 0 ? word() : method}`,
      ...Array.from({ length: below(4) }, () => pick(headers)),
      `User-Agent: ${word()}`,
    ];
    yield `${rows.join('\r\n')}\r\n\r\n`;
  }
}
