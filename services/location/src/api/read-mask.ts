import type { PublicBinding, Registration } from '@rollcall/rpc';
import { invalidArgument } from '../faults.ts';

/** What is returned of a registration; undefined for everything. */
export interface ReadMask {
  readonly registration: ReadonlySet<string>;
  /** Fields of each binding; undefined for all of them. */
  readonly binding: ReadonlySet<string> | undefined;
}

/** The fields of each message by the name that a mask calls them; the compiler holds it to the contract. */
const registrationFields = new Map<string, keyof Registration>(
  Object.entries({
    aor: 'aor',
    bindings: 'bindings',
    expire_time: 'expireTime',
    etag: 'etag',
  } as const),
);

const bindingFields = new Map<string, keyof PublicBinding>(
  Object.entries({
    contact: 'contact',
    remaining: 'remaining',
    expire_time: 'expireTime',
    q: 'q',
    path: 'path',
    instance_id: 'instanceId',
    reg_id: 'regId',
    methods: 'methods',
    params: 'params',
    user_agent: 'userAgent',
    received: 'received',
    flow: 'flow',
    refresh_time: 'refreshTime',
    call_id: 'callId',
    cseq: 'cseq',
    binding_id: 'bindingId',
    gruu_time: 'gruuTime',
    gruu_first_cseq: 'gruuFirstCseq',
  } as const),
);

const prefix = 'bindings.';

/**
 * Reads a field mask (AIP-157): "aor", "bindings" or "bindings.contact".
 *
 * @throws ServiceFault READ_MASK_INVALID where a path names no field
 */
export function readMaskOf(paths: readonly string[] | undefined): ReadMask | undefined {
  if (paths === undefined || paths.length === 0 || paths.includes('*')) return undefined;
  const registration = new Set<string>();
  const binding = new Set<string>();
  for (const path of paths) {
    const nested = path.startsWith(prefix) ? bindingFields.get(path.slice(prefix.length)) : undefined;
    const own = registrationFields.get(path) ?? (nested === undefined ? undefined : 'bindings');
    if (own === undefined)
      throw invalidArgument('READ_MASK_INVALID', `no field of Registration or of its bindings: ${path}`);
    registration.add(own);
    if (nested !== undefined) binding.add(nested);
  }
  return { registration, binding: binding.size === 0 || paths.includes('bindings') ? undefined : binding };
}

/** The registration with nothing but what the mask names. */
export function applyReadMask(registration: Registration, mask: ReadMask | undefined): Registration {
  if (mask === undefined) return registration;
  const { binding } = mask;
  const bindings =
    binding === undefined
      ? registration.bindings
      : registration.bindings.map((each) => pick(each, noBinding, binding));
  return pick({ ...registration, bindings }, noRegistration, mask.registration);
}

const noRegistration: Registration = { aor: '', bindings: [], expireTime: undefined, etag: '' };

const noBinding: PublicBinding = {
  contact: '',
  remaining: undefined,
  expireTime: undefined,
  q: 0,
  path: [],
  instanceId: '',
  regId: 0,
  methods: [],
  params: '',
  userAgent: '',
  received: '',
  flow: undefined,
  refreshTime: undefined,
  callId: '',
  cseq: 0,
  bindingId: '',
  gruuTime: undefined,
  gruuFirstCseq: 0,
};

function pick<Message extends object>(from: Message, nothing: Message, fields: ReadonlySet<string>): Message {
  const kept = Object.entries(from).filter(([field]) => fields.has(field));
  return { ...nothing, ...Object.fromEntries(kept) };
}
