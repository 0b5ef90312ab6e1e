import { type Binding, type RegistrationResult, remainingSec } from '@rollcall/bindings';
import {
  ApplyOutcome,
  type ApplyResponse,
  type Binding as BindingMessage,
  type PublicBinding,
  type Registration as PublicRegistration,
  Transport,
} from '@rollcall/rpc';
import { decodeUtf8 } from '@rollcall/sip';
import { bindingIdOf } from './binding-id.ts';
import { etagOf } from './etag.ts';
import { readMethods } from './methods-param.ts';

const outcomes = {
  applied: ApplyOutcome.APPLIED,
  'out-of-order': ApplyOutcome.OUT_OF_ORDER,
  'too-many-bindings': ApplyOutcome.TOO_MANY_BINDINGS,
  'nonce-replayed': ApplyOutcome.NONCE_REPLAYED,
} as const;

/** The answer to the registrar. Only APPLIED carries bindings. */
export function toApplyResponse(result: RegistrationResult, nowMs: number): ApplyResponse {
  const bindings = result.outcome === 'applied' ? toBindingMessages(result.bindings, nowMs) : [];
  let created = 0;
  for (const { change } of result.changes) if (change === 'created') created += 1;
  return { outcome: outcomes[result.outcome], bindings, created };
}

/** Bindings as our own services see them: text stays byte-exact. */
export function toBindingMessages(bindings: readonly Binding[], nowMs: number): BindingMessage[] {
  return bindings.map((binding) => ({
    uri: binding.uri,
    params: binding.params,
    expiresSec: remainingSec(binding, nowMs),
    qMilli: binding.qMilli,
    instanceId: binding.instanceId,
    regId: binding.regId,
    path: binding.path,
    flow: binding.flow,
    registeredAtMs: binding.registeredAtMs,
    callId: binding.callId,
    cseq: binding.cseq,
    userAgent: binding.userAgent,
    gruuEpochMs: binding.gruuEpochMs,
    number: binding.number,
  }));
}

/** A registration as everyone sees it: the best contact first, and text as people read it. */
export function toPublicRegistration(
  aor: string,
  bindings: readonly Binding[],
  nowMs: number,
): PublicRegistration {
  const sorted = [...bindings].sort(
    (a, b) => qOf(b) - qOf(a) || b.registeredAtMs - a.registeredAtMs || (a.uri < b.uri ? -1 : 1),
  );
  const lastExpiryAtMs = bindings.reduce((last, binding) => Math.max(last, binding.expiresAtMs), 0);
  return {
    aor,
    bindings: sorted.map((binding) => toPublicBinding(binding, nowMs)),
    expireTime: lastExpiryAtMs === 0 ? undefined : new Date(lastExpiryAtMs),
    etag: etagOf(bindings),
  };
}

/** A binding as everyone sees it. */
export function toPublicBinding(binding: Binding, nowMs: number): PublicBinding {
  const { flow } = binding;
  return {
    contact: decodeUtf8(binding.uri),
    remaining: toDuration(binding.expiresAtMs - nowMs),
    expireTime: new Date(binding.expiresAtMs),
    q: qOf(binding) / 1000,
    path: binding.path.map(decodeUtf8),
    instanceId: decodeUtf8(binding.instanceId),
    regId: binding.regId,
    methods: readMethods(binding.params),
    params: decodeUtf8(binding.params),
    userAgent: decodeUtf8(binding.userAgent),
    received: flow?.remoteAddress ?? '',
    flow:
      flow === undefined
        ? undefined
        : { edge: flow.edge, token: flow.token, transport: transportNames[flow.transport] },
    refreshTime: new Date(binding.registeredAtMs),
    callId: decodeUtf8(binding.callId),
    cseq: binding.cseq,
    bindingId: bindingIdOf(binding),
    gruuTime: binding.gruuEpochMs === undefined ? undefined : new Date(binding.gruuEpochMs),
    gruuFirstCseq: binding.gruuFirstCseq ?? 0,
  };
}

/** A contact without q counts as q=1 (RFC 3261 §20.10 leaves it open; a phone that does not say has no second choice). */
function qOf(binding: Binding): number {
  return binding.qMilli ?? 1000;
}

function toDuration(ms: number): { seconds: number; nanos: number } {
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 };
}

const transportNames = {
  [Transport.UNSPECIFIED]: '',
  [Transport.UDP]: 'udp',
  [Transport.TCP]: 'tcp',
  [Transport.TLS]: 'tls',
  [Transport.WS]: 'ws',
  [Transport.WSS]: 'wss',
} as const;
