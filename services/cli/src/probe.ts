import type { LocationApiCalls } from '@rollcall/rpc';
import { type SipResponse, sameUri } from '@rollcall/sip';
import type { AddressOfRecord } from './address-argument.ts';
import { callerRequest } from './caller-request.ts';
import { readContacts } from './contact-table.ts';
import type { ExchangeLog } from './exchange-log.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { type FoundAddress, lookUp } from './look-up.ts';
import { ownContact } from './own-contact.ts';
import { printable } from './printable.ts';
import { type Registration, register, type Wish } from './registration.ts';
import type { SipCaller } from './sip-caller.ts';

/** The steps of a probe, in their order: `find` asks as a caller does, `lookup` as another service does, over gRPC. */
export const probeStepNames = ['register', 'find', 'lookup', 'remove'] as const;

/** What one step of a probe found. */
export interface ProbeStep {
  readonly name: (typeof probeStepNames)[number];
  /** Status of the final response; 0 where none came, and for gRPC. */
  readonly status: number;
  /** The same in a word: the status, for gRPC OK or ERROR, NONE where nobody answered. */
  readonly answer: string;
  readonly tookMs: number;
  /** '' where it went well. */
  readonly problem: string;
}

/** Who is probed, and with whose credentials. */
export interface ProbePlan {
  readonly aor: AddressOfRecord;
  readonly login: Pick<Registration, 'username' | 'password'>;
  /** Where other services look the AOR up; undefined: that step is left out. */
  readonly location: LocationTarget | undefined;
  readonly nowMs: () => number;
}

/** A location service that answers over gRPC. */
export interface LocationTarget {
  readonly calls: LocationApiCalls;
  /** For messages. */
  readonly target: string;
  readonly timeoutMs: number;
}

/** What one step found: the status of its answer, and what is wrong with it. */
interface Finding {
  readonly status: number;
  readonly answer: string;
  readonly problem: string;
}

/** So short that what a killed probe leaves behind is soon gone, and no shorter than servers usually allow. */
const probeExpiresSec = 60;

/**
 * Registers a contact of its own, finds it as a caller does and as another service does, and removes it, whatever was
 * found. Other contacts of the AOR are left as they are.
 */
export async function probe(caller: SipCaller, plan: ProbePlan, log: ExchangeLog): Promise<ProbeStep[]> {
  const contact = ownContact(plan.aor, caller);
  const send = (wish: Wish): ReturnType<typeof register> =>
    register(caller, { aor: plan.aor, ...plan.login, wish }, log);

  const registered = await takeStep('register', plan, async () => {
    const { response, explanation } = await send({ kind: 'bind', contact, expiresSec: probeExpiresSec });
    if (response.status >= 300) return finding(response, explanation || refusal(response));
    return finding(response, has(response, contact) ? '' : 'the answer lacks the contact just registered');
  });
  // Nothing is bound; or nobody answers, and a contact that was bound all the same is soon gone.
  if (registered.status === 0 || registered.status >= 300) return [registered];

  const found = await takeStep('find', plan, async () => {
    const { response, afterMs } = await callAor(caller, plan.aor, log);
    log.received(response, afterMs);
    if (response.status >= 400) return finding(response, refusal(response));
    return finding(
      response,
      has(response, contact) ? '' : 'callers are not told of the contact just registered',
    );
  });

  const { location } = plan;
  const lookedUp =
    location === undefined
      ? []
      : [await takeStep('lookup', plan, () => lookUpContact(location, plan.aor, contact))];

  const removed = await takeStep('remove', plan, async () => {
    const { response, explanation } = await send({ kind: 'remove', contact });
    if (response.status >= 300) return finding(response, explanation || refusal(response));
    return finding(response, has(response, contact) ? 'the contact is still there after its removal' : '');
  });
  return [registered, found, ...lookedUp, removed];
}

function callAor(caller: SipCaller, aor: AddressOfRecord, log: ExchangeLog): ReturnType<SipCaller['send']> {
  log.sent('INVITE', aor.aor);
  return caller.send(callerRequest('INVITE', caller, aor));
}

async function lookUpContact(
  { calls, target, timeoutMs }: LocationTarget,
  { aor }: AddressOfRecord,
  contact: string,
): Promise<Finding> {
  const [address] = await lookUp(calls, target, [aor], { timeoutMs, traceparent: '' });
  const known = address !== undefined && bindingsOf(address).some((each) => sameUri(each.contact, contact));
  return {
    status: 0,
    answer: 'OK',
    problem: known ? '' : 'location does not tell of the contact just registered',
  };
}

function bindingsOf(address: FoundAddress): readonly { readonly contact: string }[] {
  return 'registration' in address ? address.registration.bindings : [];
}

function finding(response: SipResponse, problem: string): Finding {
  return { status: response.status, answer: String(response.status), problem };
}

async function takeStep(
  name: ProbeStep['name'],
  plan: ProbePlan,
  run: () => Promise<Finding>,
): Promise<ProbeStep> {
  const startedAtMs = plan.nowMs();
  try {
    const found = await run();
    return { name, ...found, tookMs: plan.nowMs() - startedAtMs };
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return failedStep(name, error, plan.nowMs() - startedAtMs);
  }
}

/** A step that ended without an answer that can be used. */
export function failedStep(name: ProbeStep['name'], failure: CommandFailure, tookMs: number): ProbeStep {
  const answer = failure.exitCode === exitCodes.noAnswer ? 'NONE' : 'ERROR';
  return { name, status: 0, answer, tookMs, problem: failure.message };
}

function refusal(response: SipResponse): string {
  return `refused with ${response.status} ${printable(response.reasonPhrase)}`;
}

/** A contact reached through its edge comes with ?Route= (RFC 3261 §19.1.1), which was not registered. */
function has(response: SipResponse, contact: string): boolean {
  return readContacts(response).some((each) => sameUri(each.contact.split('?', 1)[0] ?? '', contact));
}
