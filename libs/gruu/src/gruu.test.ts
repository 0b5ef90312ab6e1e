import { parseUri } from '@rollcall/sip';
import { describe, expect, it } from 'vitest';
import { readGruuSecrets } from './gruu-secrets.ts';
import { instanceKeyOf } from './instance-key.ts';
import { formatBulkGruu, formatPublicGruu, isInstanceId } from './public-gruu.ts';
import { TemporaryGruus } from './temporary-gruus.ts';

const aor = 'sip:alice@example.com';
const instanceId = 'urn:uuid:F81D4FAE-7dec-11d0-a765-00a0c91e6bf6';
const epochMs = 1_790_000_000_123;
const gruus = new TemporaryGruus(['the first secret of GRUUs']);

function make(of = gruus, forAor = aor, id = instanceId, cseq = 1): string {
  const made = of.make(forAor, id, epochMs, { callId: 'c', cseq });
  if (made === undefined) throw new Error('not made');
  return made;
}

/** The canonical address of a GRUU: without its parameters. */
function addressOf(gruu: string): string {
  return gruu.slice(0, gruu.indexOf(';'));
}

describe('temporary GRUUs', () => {
  it('G1: say who and what they are for, to whoever has the secret', () => {
    const gruu = make();
    expect(parseUri(gruu)).toMatchObject({ host: 'example.com', params: [{ name: 'gr', value: undefined }] });
    expect(gruu.length).toBeLessThan(150);
    expect(gruus.open(addressOf(gruu))).toEqual({ aor, instanceKey: instanceKeyOf(instanceId), epochMs });
    expect(instanceKeyOf(instanceId.toLowerCase())).toBe(instanceKeyOf(instanceId));
    expect(instanceKeyOf('urn:uuid:2')).not.toBe(instanceKeyOf('urn:uuid:3'));
  });

  it('G3: are the same for the same registration, and no other in any part', () => {
    const gruu = make();
    expect(make()).toBe(gruu);
    const others = [
      make(gruus, aor, instanceId, 2),
      make(gruus, aor, 'urn:x:y'),
      make(gruus, 'sip:alic@example.com'),
      gruus.make(aor, instanceId, epochMs + 1, { callId: 'c', cseq: 1 }),
      gruus.make(aor, instanceId, epochMs, { callId: 'd', cseq: 1 }),
      gruus.make('sip:alice@example.net', instanceId, epochMs, { callId: 'c', cseq: 1 }),
    ];
    const heads = [gruu, ...others].map((each) => each?.slice('sip:tgruu.'.length, 'sip:tgruu.'.length + 32));
    expect(new Set(heads).size).toBe(7);
  });

  it('G4: show nothing that two of one instance share, and do not tell users by their length', () => {
    const tokens = Array.from({ length: 200 }, (_, cseq) =>
      addressOf(make(gruus, aor, instanceId, cseq)).slice('sip:tgruu.'.length),
    );
    expect(new Set(tokens).size).toBe(200);
    const bytes = tokens.map((token) => Buffer.from(token.split('@')[0] ?? '', 'base64url'));
    const size = bytes[0]?.length ?? 0;
    for (let at = 0; at < size; at += 1) {
      // 200 random bytes take more than 60 values but for one case in far more than the life of the universe.
      expect(new Set(bytes.map((each) => each[at])).size, `byte ${at}`).toBeGreaterThan(60);
    }
    const short = make(gruus, 'sip:b@example.com');
    const long = make(gruus, 'sip:a-user-part-with-32-characters-x@example.com', 'urn:x:y');
    expect(new Set([make().length, short.length, long.length]).size).toBe(1);
  });

  it('G4: are void with any character changed, cut, in another domain, or made up', () => {
    const address = addressOf(make());
    expect(gruus.open(address)).toBeDefined();
    const from = 'sip:tgruu.'.length;
    for (let at = from; at < address.indexOf('@'); at += 1) {
      const other = address[at] === 'A' ? 'B' : 'A';
      expect(gruus.open(address.slice(0, at) + other + address.slice(at + 1)), `${at}`).toBeUndefined();
    }
    expect(gruus.open(address.replace('example.com', 'example.net'))).toBeUndefined();
    expect(gruus.open(address.replace('@', '=@'))).toBeUndefined();
    expect(gruus.open(`${address.slice(0, from + 40)}@example.com`)).toBeUndefined();
    for (const odd of ['sip:tgruu.@h', 'sip:tgruu.', 'sip:tgruu', 'sip:alice@example.com', '', 'tgruu.x@h'])
      expect(gruus.open(odd), odd).toBeUndefined();
    expect(gruus.open(`sip:tgruu.${'A'.repeat(100_000)}@h`)).toBeUndefined();
  });

  it('G4: outlive a rotation of secrets: the first seals, all open', () => {
    const rotated = new TemporaryGruus(['the second secret of GRUUs', 'the first secret of GRUUs']);
    expect(rotated.open(addressOf(make()))).toBeDefined();
    expect(gruus.open(addressOf(make(rotated)))).toBeUndefined();
  });

  it('are not made without a secret, or for a user part of endless length', () => {
    const none = new TemporaryGruus([]);
    expect(none.make(aor, instanceId, epochMs, { callId: 'c', cseq: 1 })).toBeUndefined();
    expect(none.open(addressOf(make()))).toBeUndefined();
    const tooLong = `sip:${'a'.repeat(257)}@h`;
    expect(gruus.make(tooLong, instanceId, epochMs, { callId: 'c', cseq: 1 })).toBeUndefined();
    const longest = `sip:${'a'.repeat(256)}@h`;
    expect(gruus.open(addressOf(make(gruus, longest)))?.aor).toBe(longest);
  });
});

describe('public GRUUs', () => {
  it('G2: are the AOR with the instance-id, whatever characters it has', () => {
    expect(formatPublicGruu(aor, 'urn:uuid:1')).toBe('sip:alice@example.com;gr=urn:uuid:1');
    expect(formatPublicGruu(aor, 'urn:x:a;b=c "é')).toBe('sip:alice@example.com;gr=urn:x:a%3Bb%3Dc%20%22%E9');
  });

  it('GN5: of a trunk have no user part', () => {
    expect(formatBulkGruu('sip:pbx@ssp.example.com', 'urn:uuid:1')).toBe(
      'sip:ssp.example.com;bnc;gr=urn:uuid:1',
    );
  });

  it('G7: name a URN, or nothing', () => {
    for (const good of [instanceId, 'urn:gsma:imei:90420156-025763-0', 'URN:x:y'])
      expect(isInstanceId(good)).toBe(true);
    for (const bad of ['', 'unknown', 'urn:uuid:unknown', 'urn:uuid:', 'urn::x', 'alice'])
      expect(isInstanceId(bad), bad).toBe(false);
  });
});

describe('the setting of the secrets', () => {
  it('takes several between spaces, none of them short', () => {
    expect(readGruuSecrets(' 0123456789abcdef  fedcba9876543210 ')).toHaveLength(2);
    expect(readGruuSecrets('')).toEqual([]);
    expect(readGruuSecrets('0123456789abcdef short')).toBeUndefined();
  });
});
