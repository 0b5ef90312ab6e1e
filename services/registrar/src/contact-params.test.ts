import { expect, it } from 'vitest';
import { withoutGruuParams } from './contact-params.ts';

it('G7: GRUUs that a phone sends are ignored, whatever stands around them', () => {
  const params = ';audio;pub-gruu="sip:a;b\\";c@h;gr=1";x="-gruu;temp-gruu";Temp-Gruu="sip:t@h;gr";y';
  expect(withoutGruuParams(params)).toBe(';audio;x="-gruu;temp-gruu";y');
  expect(withoutGruuParams(';pub-gruu')).toBe('');
  expect(withoutGruuParams(';audio;+sip.x="1"')).toBe(';audio;+sip.x="1"');
});
