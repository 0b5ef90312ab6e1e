import type { TemporaryGruus } from '@rollcall/gruu';
import type { ContactEvent, PublicBinding, WatchedContact, WatchRegistrationRequest } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import { withoutPushContactParameters, withoutPushParameters } from '@rollcall/sip';
import { type GruuBinding, lastRegistered, makeGruus } from './gruus-of-bindings.ts';

/** Writes contacts as watchers see them. */
export class ContactWriter {
  readonly #gruus: TemporaryGruus;
  readonly #clock: Clock;

  constructor(parts: { gruus: TemporaryGruus; clock: Clock }) {
    this.#gruus = parts.gruus;
    this.#clock = parts.clock;
  }

  /**
   * Leaves out the way by which the contact is reached, and what push services need (RFC 8599 §14).
   *
   * @param bound all contacts that are bound; a temporary GRUU is that of the last registration of any of its instance
   */
  write(
    { aor, temporaryGruus }: WatchRegistrationRequest,
    binding: PublicBinding,
    event: ContactEvent,
    bound: readonly PublicBinding[],
  ): WatchedContact {
    const { instanceId, regId, q, callId, cseq } = binding;
    const uri = withoutPushParameters(binding.contact);
    const tellsTemporary = temporaryGruus && bound.includes(binding);
    // Another flow of the instance does not hear of a new epoch: what is told is that of its last registration.
    const device = (tellsTemporary ? bound : [binding]).map((each) => toGruuBinding(each, tellsTemporary));
    const last = lastRegistered(device, instanceId) ?? toGruuBinding(binding, false);
    const [gruus] = makeGruus(aor, [{ ...last, uri, instanceId }], this.#gruus);
    const temporaryGruu = gruus?.temporaryGruu ?? '';
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
      temporaryGruu,
      firstCseq: temporaryGruu === '' ? 0 : last.firstCseq,
      retryAfterSec: 0,
    };
  }
}

/** A binding as location tells it, with the CSeq that its instance's temporary GRUUs began with. */
type WatchedGruuBinding = GruuBinding & { readonly firstCseq: number };

function toGruuBinding(binding: PublicBinding, hasTemporary: boolean): WatchedGruuBinding {
  const { contact, instanceId, gruuTime, gruuFirstCseq, refreshTime, callId, cseq } = binding;
  return {
    uri: contact,
    instanceId,
    gruuEpochMs: hasTemporary ? gruuTime?.getTime() : undefined,
    firstCseq: gruuFirstCseq,
    registeredAtMs: refreshTime?.getTime() ?? 0,
    callId,
    cseq,
  };
}
