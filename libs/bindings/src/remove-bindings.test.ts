import { expect, it } from 'vitest';
import { nonceUse, nowMs, register, update } from '../test/make-registration.ts';
import { applyRegistration } from './apply-registration.ts';
import { removeBindings } from './remove-bindings.ts';

const nonce = nonceUse('n', 1);
const { record } = applyRegistration(
  undefined,
  register([update('sip:a@h'), update('sip:b@h', { expiresSec: 60 })], { nonce }),
  nowMs,
);

it('removes what is chosen, and tells it', () => {
  const result = removeBindings(record, ({ uri }) => uri === 'sip:a@h', nowMs + 1000);
  expect(result.changed).toBe(true);
  expect(result.bindings.map(({ uri }) => uri)).toEqual(['sip:b@h']);
  expect(result.record?.bindings).toEqual(result.bindings);
  expect(result.changes).toMatchObject([{ change: 'deactivated', binding: { uri: 'sip:a@h' } }]);
});

it('keeps replay state when the last binding goes', () => {
  const result = removeBindings(record, () => true, nowMs + 1000);
  expect(result.record).toMatchObject({ bindings: [], nonces: [{ nonce: 'n', nc: 1 }] });
  expect(removeBindings(record, () => true, nowMs + 300_000).record).toBeUndefined();
});

it('announces what had expired by then, and removes no binding twice', () => {
  const result = removeBindings(record, () => true, nowMs + 61_000);
  expect(result.changes.map(({ change, binding }) => `${change} ${binding.uri}`)).toEqual([
    'expired sip:b@h',
    'deactivated sip:a@h',
  ]);
});

it('changes nothing where nothing is chosen', () => {
  expect(removeBindings(record, () => false, nowMs)).toMatchObject({ changed: false, changes: [] });
  expect(removeBindings(undefined, () => true, nowMs)).toMatchObject({ changed: false, bindings: [] });
});
