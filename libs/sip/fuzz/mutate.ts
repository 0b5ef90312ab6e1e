import type { Random } from './random.ts';

/** Larger inputs only slow the search down: limits beyond this size have tests of their own. */
const largestInput = 4_096;

/** What messages are made of; chance would take long to find it. */
const dictionary = [
  ...[
    '\r\n',
    '\n',
    '\r',
    '\r\n ',
    '\r\n\r\n',
    ' ',
    '\t',
    ':',
    ';',
    ',',
    '"',
    '<',
    '>',
    '@',
    '%',
    '?',
    '=',
    '&',
    '*',
    '\\',
    '[',
    ']',
  ],
  ...[
    'SIP/2.0',
    'SIP/2.0/UDP ',
    'sip:',
    'sips:',
    'tel:+1',
    'urn:x:',
    ';branch=z9hG4bK',
    ';rport',
    ';received=',
    ';tag=',
    ';lr',
  ],
  ...[
    ';expires=',
    ';q=0.5',
    ';+sip.instance="<urn:uuid:1>"',
    ';reg-id=1',
    ';transport=tcp',
    ';maddr=[::1]',
    '?a=b',
    '[2001:db8::1]',
  ],
  ...[
    '\r\nVia: ',
    '\r\nv: ',
    '\r\nFrom: ',
    '\r\nTo: ',
    '\r\nCall-ID: ',
    '\r\nCSeq: ',
    '\r\nContact: ',
    '\r\nm: ',
    '\r\nExpires: ',
  ],
  ...[
    '\r\nContent-Length: ',
    '\r\nl: ',
    '\r\nAuthorization: Digest ',
    '\r\nRoute: ',
    '\r\nPath: ',
    '\r\nRequire: ',
    '\r\nSupported: ',
  ],
  ...[
    '\r\nMax-Forwards: ',
    '\r\nEvent: ',
    '\r\nSubscription-State: ',
    '\r\nRetry-After: ',
    '\r\nWWW-Authenticate: Digest ',
  ],
  ...[
    '\r\nDate: Sat, 13 Nov 2010 23:29:00 GMT',
    'username="a"',
    'nonce="b"',
    "username*=UTF-8''a",
    'userhash=true',
    ', ',
    'algorithm=MD5',
  ],
  ...[
    'REGISTER',
    'INVITE',
    'ACK',
    '0',
    '4294967295',
    '4294967296',
    '-1',
    '65536',
    '%00',
    '%41',
    '%3B',
    '%25',
    '\0',
    '\xff',
    '\xc3\xa9',
  ],
].map((text) => Buffer.from(text, 'latin1'));

type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

function replaced(bytes: Buffer, from: number, removed: number, insert: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + removed)]);
}

const mutations: readonly Mutation[] = [
  (bytes, random) => replaced(bytes, random.below(bytes.length + 1), 0, random.pick(dictionary)),
  (bytes, random) => {
    const insert = random.pick(dictionary);
    return replaced(bytes, random.below(bytes.length + 1), insert.length, insert);
  },
  (bytes, random) => replaced(bytes, random.below(bytes.length + 1), 1 + random.below(8), Buffer.alloc(0)),
  (bytes, random) => replaced(bytes, random.below(bytes.length + 1), 1, Buffer.from([random.below(256)])),
  (bytes, random) => {
    const from = random.below(bytes.length + 1);
    const piece = bytes.subarray(from, from + 1 + random.below(64));
    return replaced(bytes, random.below(bytes.length + 1), 0, piece);
  },
  (bytes, random, other) => {
    const from = random.below(other.length + 1);
    const piece = other.subarray(from, from + 1 + random.below(200));
    return replaced(bytes, random.below(bytes.length + 1), random.below(piece.length + 1), piece);
  },
  (bytes, random) => moveRow(bytes, random),
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
];

/** Takes a row out, or puts it elsewhere, or doubles it. */
function moveRow(bytes: Buffer, random: Random): Buffer {
  const rows = bytes.toString('latin1').split('\r\n');
  const [row = ''] = random.below(3) === 0 ? [random.pick(rows)] : rows.splice(random.below(rows.length), 1);
  if (random.below(3) > 0) rows.splice(random.below(rows.length + 1), 0, row);
  return Buffer.from(rows.join('\r\n'), 'latin1');
}

/** A descendant of `bytes`, with pieces of `other`. */
export function mutate(bytes: Buffer, random: Random, other: Buffer): Buffer {
  let mutated = bytes;
  for (let left = 1 + random.below(5); left > 0; left -= 1)
    mutated = random.pick(mutations)(mutated, random, other);
  return mutated.subarray(0, largestInput);
}
