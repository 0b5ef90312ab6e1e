import { TemporaryGruus } from '@rollcall/gruu';
import { describe, expect, it } from 'vitest';
import { judgeContact } from './contact-rules.ts';

const aor = 'sip:alice@example.com';
const instanceId = 'urn:uuid:00000000-0000-1000-8000-000a95a0e128';
const gruus = new TemporaryGruus(['a secret of temporary GRUUs']);
const plain = (uri: string) => judgeContact({ uri, instanceId: '' }, aor, gruus);
const device = (uri: string) => judgeContact({ uri, instanceId }, aor, gruus);

describe('a contact', () => {
  it('R10.2-1: may be any URI', () => {
    for (const uri of [
      'sip:alice@192.0.2.1',
      'sips:a@b.c;x=1',
      'mailto:alice@example.org',
      'tel:+15551234',
      aor,
    ])
      expect(plain(uri), uri).toBe('good');
  });

  it('is malformed where its URI cannot be read', () => {
    for (const uri of ['sip:', 'sip:a@', 'no scheme at all', '']) expect(plain(uri), uri).toBe('malformed');
  });

  it('G6: with an instance-id is not the AOR, its GRUU, or another kind of URI', () => {
    expect(device('sip:alice@192.0.2.1:5060;transport=tcp')).toBe('good');
    expect(device('sip:alice@phone.example.com;group=x')).toBe('good');
    const forbidden = [
      aor,
      'sips:alice@EXAMPLE.com',
      'sip:%61lice@example.com',
      'sip:alice@example.com;gr',
      'sip:alice@example.com;GR=urn:uuid:1',
      'sip:alice@example.com?Subject=x',
      'tel:+15551234',
      'mailto:alice@example.org',
    ];
    for (const uri of forbidden) expect(device(uri), uri).toBe('forbidden');
    const temporary = gruus.make(aor, instanceId, 1, { callId: 'c', cseq: 1 }) ?? '';
    expect(device(temporary)).toBe('forbidden');
    // Where it leads to somebody else, no request goes in circles.
    expect(device(gruus.make('sip:bob@example.com', instanceId, 1, { callId: 'c', cseq: 1 }) ?? '')).toBe(
      'good',
    );
  });
});
