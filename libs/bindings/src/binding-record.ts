/**
 * What is kept for one AOR, and what a registration asks of it. The shapes equal those of StoredRecord and ApplyRequest
 * in proto/rollcall/location/internal/v1, so that nothing is copied on the way to the store. Records are never changed
 * in place. Text is byte-exact: each character stands for one byte as received.
 */

/** The flow by which a binding was registered; the rules carry it and never look inside. */
export interface Flow {
  edge: string;
  token: string;
  /** As in rollcall.common.v1.Transport. */
  transport: 0 | 1 | 2 | 3 | 4 | 5;
  localAddress: string;
  remoteAddress: string;
}

/** One contact bound to the AOR. Instants are milliseconds since 1970. */
export interface Binding {
  uri: string;
  /** Contact parameters other than q, expires, +sip.instance and reg-id, each with its leading semicolon. */
  params: string;
  expiresAtMs: number;
  qMilli?: number | undefined;
  /** Empty where absent. */
  instanceId: string;
  /** 0 where outbound does not apply. */
  regId: number;
  path: string[];
  flow: Flow | undefined;
  registeredAtMs: number;
  callId: string;
  cseq: number;
  branch: string;
  userAgent: string;
  /** When the temporary GRUUs of its instance began to be good (see gruu-epoch.ts); absent where it has none. */
  gruuEpochMs?: number | undefined;
  /** CSeq of the REGISTER that they began with; absent where its instance has none. */
  gruuFirstCseq?: number | undefined;
  /** The number by which the AOR was named; absent where it was named as itself. */
  number?: string | undefined;
}

/** The replay state of one nonce. */
export interface NonceState {
  nonce: string;
  /** The highest count used. */
  nc: number;
  expiresAtMs: number;
  issuedAtMs: number;
  /** The request that used the highest count; see `markRejected` in nonce-window.ts. */
  requestKey: string;
}

/** Everything kept for one AOR. A record without binding and live nonce does not exist. */
export interface BindingRecord {
  bindings: Binding[];
  nonces: NonceState[];
  /** Nonces issued at or before this instant that have no state here are refused; 0 for none. */
  nonceFloorMs: number;
}

/** Binds, refreshes or (with `expiresSec` 0) removes one contact. */
export interface BindingUpdate {
  uri: string;
  params: string;
  /** The granted lifetime, in seconds. */
  expiresSec: number;
  qMilli?: number | undefined;
  instanceId: string;
  regId: number;
}

/** A nonce that was found good, and its count in this request. */
export interface NonceUse {
  nonce: string;
  nc: number;
  issuedAtMs: number;
  expiresAtMs: number;
}

/** The whole effect that one REGISTER asks for. */
export interface Registration {
  callId: string;
  cseq: number;
  branch: string;
  /** In the order of the request; empty for a fetch. */
  updates: BindingUpdate[];
  /** "Contact: *" */
  removeAll: boolean;
  path: string[];
  flow: Flow | undefined;
  userAgent: string;
  /** Most bindings that the AOR may have. */
  maxBindings: number;
  /** True: a new binding beyond the limit takes the place of the one registered longest ago; false: it is refused. */
  replaceOldest: boolean;
  /** True where instances are to have temporary GRUUs (RFC 5627). */
  gruu: boolean;
  /** The E.164 number, with "+", by which the request names the AOR; absent where it names the AOR as itself. */
  number?: string | undefined;
  /** True where push parameters of contact URIs (RFC 8599) tell which bindings are the same device's. */
  push: boolean;
  nonce: NonceUse | undefined;
  /**
   * Tells this request, contacts included, from any other that could carry the same credentials: digest does not cover
   * Contact, so Call-ID, CSeq and branch alone would let captured credentials bind another contact. Only used with
   * `nonce`.
   */
  requestKey: string;
}

/** What happened to one binding, as watchers are told. */
export interface BindingChange {
  /** `removed`: by a REGISTER; `deactivated`: by the operator, and the device may register again (RFC 3680 §4.7.1). */
  change: 'created' | 'refreshed' | 'removed' | 'deactivated' | 'expired' | 'flow-failed';
  /** The binding as it is now, or as it last was. */
  binding: Binding;
}

/** A record after a rule was applied to it. */
export interface RecordChange {
  /** False: there is nothing to write, and `record` is the one given. */
  changed: boolean;
  /** Undefined: no record is left. */
  record: BindingRecord | undefined;
  changes: BindingChange[];
}
