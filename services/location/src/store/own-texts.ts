import type { Binding, BindingRecord } from '@rollcall/bindings';
import type { RecordWrite } from './binding-store.ts';

/** V8 copies parts of strings that are shorter than this; a longer part keeps the whole string in memory. */
const shortestSlice = 13;
const scratch = Buffer.alloc(8192);
/** UTF-8 takes three bytes at most for one code unit. */
const longestInScratch = Math.floor(scratch.length / 3);

/**
 * The same write with texts of its own. In one process a binding's texts are parts of the REGISTER that the edge has
 * read, and each of them would keep all of it for as long as the binding lives.
 */
export function withOwnTexts(write: RecordWrite, before: BindingRecord | undefined): RecordWrite {
  const { record, changes } = write;
  if (record === undefined) return write;
  const owned = new Map<Binding, Binding>();
  const bindings = record.bindings.map((binding) => {
    if (before?.bindings.includes(binding)) return binding;
    const own = ownTexts(binding);
    owned.set(binding, own);
    return own;
  });
  return {
    record: { ...record, bindings },
    changes: changes.map((change) =>
      change.binding === undefined
        ? change
        : { ...change, binding: owned.get(change.binding) ?? change.binding },
    ) as RecordWrite['changes'],
  };
}

function ownTexts(binding: Binding): Binding {
  const { flow } = binding;
  return {
    ...binding,
    uri: ownText(binding.uri),
    params: ownText(binding.params),
    instanceId: ownText(binding.instanceId),
    path: binding.path.map(ownText),
    flow:
      flow === undefined
        ? undefined
        : { ...flow, token: ownText(flow.token), remoteAddress: ownText(flow.remoteAddress) },
    callId: ownText(binding.callId),
    branch: ownText(binding.branch),
    userAgent: ownText(binding.userAgent),
  };
}

/** There and back through bytes: nothing else makes V8 copy a string. */
function ownText(text: string): string {
  if (text.length < shortestSlice) return text;
  if (text.length > longestInScratch) return Buffer.from(text, 'utf8').toString('utf8');
  return scratch.toString('utf8', 0, scratch.write(text, 0, 'utf8'));
}
