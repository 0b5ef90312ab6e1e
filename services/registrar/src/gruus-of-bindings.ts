import { formatBulkGruu, formatPublicGruu, isInstanceId, type TemporaryGruus } from '@rollcall/gruu';
import { isBulkContact } from '@rollcall/sip';

/** A binding, as far as it has GRUUs (the Binding of the contract has these). */
export interface GruuBinding {
  readonly uri: string;
  readonly instanceId: string;
  readonly gruuEpochMs?: number | undefined;
  readonly registeredAtMs: number;
  readonly callId: string;
  readonly cseq: number;
}

/** The GRUUs of one binding; empty where it has none. */
export interface BindingGruus {
  publicGruu: string;
  temporaryGruu: string;
}

const none: BindingGruus = { publicGruu: '', temporaryGruu: '' };

/**
 * The GRUUs that a 200 tells, one pair for each binding (RFC 5627 §5.2). All contacts of an instance have the same ones,
 * a sips contact as sips URIs (RFC 5630 §5.2.1). The temporary one is that of the instance's last registration: each
 * refresh brings a new one, and those before stay good.
 */
export function makeGruus(
  aor: string,
  bindings: readonly GruuBinding[],
  temporary: TemporaryGruus,
): BindingGruus[] {
  const made = new Map<string, BindingGruus>();
  return bindings.map(({ uri, instanceId }) => {
    // An instance-id is a URN (RFC 5626 §4.1): what else a phone sends would be a GRUU that leads nowhere.
    if (!isInstanceId(instanceId)) return none;
    if (isBulkContact(uri))
      return inSchemeOf(uri, { publicGruu: formatBulkGruu(aor, instanceId), temporaryGruu: '' });
    const known = made.get(instanceId);
    if (known !== undefined) return inSchemeOf(uri, known);
    const last = lastRegistered(bindings, instanceId);
    const gruus = {
      publicGruu: formatPublicGruu(aor, instanceId),
      temporaryGruu:
        last?.gruuEpochMs === undefined
          ? ''
          : (temporary.make(aor, instanceId, last.gruuEpochMs, last) ?? ''),
    };
    made.set(instanceId, gruus);
    return inSchemeOf(uri, gruus);
  });
}

/**
 * Which of an instance's bindings was registered last: its temporary GRUU is the newest, and its epoch that of all. Of two
 * within one millisecond it is the same each time. A UUID's letters may differ in case.
 */
export function lastRegistered<Kind extends GruuBinding>(
  bindings: readonly Kind[],
  instanceId: string,
): Kind | undefined {
  const wanted = instanceId.toLowerCase();
  let last: Kind | undefined;
  for (const binding of bindings) {
    if (binding.instanceId.toLowerCase() !== wanted) continue;
    const isLater =
      last === undefined ||
      binding.registeredAtMs > last.registeredAtMs ||
      (binding.registeredAtMs === last.registeredAtMs && nameOf(binding) > nameOf(last));
    if (isLater) last = binding;
  }
  return last;
}

function nameOf({ callId, cseq }: GruuBinding): string {
  return `${callId} ${cseq}`;
}

/** Both forms of a GRUU lead to the same: the one told is the contact's. */
function inSchemeOf(uri: string, gruus: BindingGruus): BindingGruus {
  if (uri.slice(0, 'sips:'.length).toLowerCase() !== 'sips:') return gruus;
  const { publicGruu, temporaryGruu } = gruus;
  return { publicGruu: toSips(publicGruu), temporaryGruu: toSips(temporaryGruu) };
}

function toSips(gruu: string): string {
  return gruu.replace(/^sip:/, 'sips:');
}
