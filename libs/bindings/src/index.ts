/** The rules of the binding table as pure functions: no store, no clock, no I/O. */
export { applyRegistration, type RegistrationResult } from './apply-registration.ts';
export type {
  Binding,
  BindingChange,
  BindingRecord,
  BindingUpdate,
  Flow,
  NonceState,
  NonceUse,
  RecordChange,
  Registration,
} from './binding-record.ts';
export { currentBindings, expireBindings, keepUntilMs, nextExpiryAtMs, remainingSec } from './expiry.ts';
export { removeBindings } from './remove-bindings.ts';
