import type { TemporaryGruus } from '@rollcall/gruu';
import type { ContactEvent, PublicBinding, WatchedContact, WatchRegistrationRequest } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import { withoutPushContactParameters, withoutPushParameters } from '@rollcall/sip';
import { makeGruus } from './gruus-of-bindings.ts';

/** Writes contacts as watchers see them. */
export class ContactWriter {
  readonly #gruus: TemporaryGruus;
  readonly #clock: Clock;

  constructor(parts: { gruus: TemporaryGruus; clock: Clock }) {
    this.#gruus = parts.gruus;
    this.#clock = parts.clock;
  }

  /** Leaves out the way by which the contact is reached, and what push services need (RFC 8599 §14). */
  write({ aor }: WatchRegistrationRequest, binding: PublicBinding, event: ContactEvent): WatchedContact {
    const { instanceId, regId, q, callId, cseq } = binding;
    const uri = withoutPushParameters(binding.contact);
    const [gruus] = makeGruus(aor, [{ uri, instanceId }], this.#gruus);
    const leftMs = (binding.expireTime?.getTime() ?? 0) - this.#clock.nowMs();
    return {
      id: binding.bindingId,
      event,
      uri,
      params: withoutPushContactParameters(binding.params),
      expiresSec: Math.max(0, Math.ceil(leftMs / 1000)),
      qMilli: q === 1 ? undefined : Math.round(q * 1000),
      instanceId,
      regId,
      callId,
      cseq,
      publicGruu: gruus?.publicGruu ?? '',
      temporaryGruu: gruus?.temporaryGruu ?? '',
      firstCseq: 0,
      retryAfterSec: 0,
    };
  }
}
