import { type SipResponse, sameUri } from '@rollcall/sip';
import type { AddressOfRecord } from './address-argument.ts';
import { callerRequest } from './caller-request.ts';
import { readContacts } from './contact-table.ts';
import type { ExchangeLog } from './exchange-log.ts';
import { CommandFailure } from './exit-codes.ts';
import { ownContact } from './own-contact.ts';
import { printable } from './printable.ts';
import { type Registration, register, type Wish } from './registration.ts';
import type { SipCaller } from './sip-caller.ts';

/** One step of a probe. */
export interface ProbeStep {
  readonly name: 'register' | 'find' | 'remove';
  /** Status of the final response; 0 where none came. */
  readonly status: number;
  readonly tookMs: number;
  /** '' where it went well. */
  readonly problem: string;
}

/** Who is probed, and with whose credentials. */
export interface ProbePlan {
  readonly aor: AddressOfRecord;
  readonly login: Pick<Registration, 'username' | 'password'>;
  readonly nowMs: () => number;
}

/** What one step found: the final response, and what is wrong with it. */
interface Finding {
  readonly response: SipResponse;
  readonly problem: string;
}

/** So short that what a killed probe leaves behind is soon gone, and no shorter than servers usually allow. */
const probeExpiresSec = 60;

/**
 * Registers a contact of its own, finds it as a caller does, and removes it, whatever the caller found. Other contacts of
 * the AOR are left as they are.
 */
export async function probe(caller: SipCaller, plan: ProbePlan, log: ExchangeLog): Promise<ProbeStep[]> {
  const contact = ownContact(plan.aor, caller);
  const send = (wish: Wish): ReturnType<typeof register> =>
    register(caller, { aor: plan.aor, ...plan.login, wish }, log);

  const registered = await takeStep('register', plan, async () => {
    const { response, explanation } = await send({ kind: 'bind', contact, expiresSec: probeExpiresSec });
    if (response.status >= 300) return { response, problem: explanation || refusal(response) };
    return {
      response,
      problem: has(response, contact) ? '' : 'the answer lacks the contact just registered',
    };
  });
  // Nothing is bound; or nobody answers, and a contact that was bound all the same is soon gone.
  if (registered.status === 0 || registered.status >= 300) return [registered];

  const found = await takeStep('find', plan, async () => {
    const { response, afterMs } = await callAor(caller, plan.aor, log);
    log.received(response, afterMs);
    if (response.status >= 400) return { response, problem: refusal(response) };
    return {
      response,
      problem: has(response, contact) ? '' : 'callers are not told of the contact just registered',
    };
  });

  const removed = await takeStep('remove', plan, async () => {
    const { response, explanation } = await send({ kind: 'remove', contact });
    if (response.status >= 300) return { response, problem: explanation || refusal(response) };
    return {
      response,
      problem: has(response, contact) ? 'the contact is still there after its removal' : '',
    };
  });
  return [registered, found, removed];
}

function callAor(caller: SipCaller, aor: AddressOfRecord, log: ExchangeLog): ReturnType<SipCaller['send']> {
  log.sent('INVITE', aor.aor);
  return caller.send(callerRequest('INVITE', caller, aor));
}

async function takeStep(
  name: ProbeStep['name'],
  plan: ProbePlan,
  run: () => Promise<Finding>,
): Promise<ProbeStep> {
  const startedAtMs = plan.nowMs();
  try {
    const { response, problem } = await run();
    return { name, status: response.status, tookMs: plan.nowMs() - startedAtMs, problem };
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return { name, status: 0, tookMs: plan.nowMs() - startedAtMs, problem: error.message };
  }
}

function refusal(response: SipResponse): string {
  return `refused with ${response.status} ${printable(response.reasonPhrase)}`;
}

/** A contact reached through its edge comes with ?Route= (RFC 3261 §19.1.1), which was not registered. */
function has(response: SipResponse, contact: string): boolean {
  return readContacts(response).some((each) => sameUri(each.contact.split('?', 1)[0] ?? '', contact));
}
