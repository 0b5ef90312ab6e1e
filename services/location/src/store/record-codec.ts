import type { BindingRecord } from '@rollcall/bindings';
import { decodeMessage, encodeMessage, StoredRecord } from '@rollcall/rpc';
import { bindingIdOf } from '../binding-id.ts';
import type { LoggedChange, StoredChange, VersionedRecord } from './binding-store.ts';
import { readPosition } from './log-position.ts';

const revisionBytes = 8;
const noBytes = Buffer.alloc(0);
const revisionPrefix = Buffer.alloc(revisionBytes);
const noRecord: VersionedRecord = { revision: 0, record: undefined };

/** A stored value: the revision in 8 bytes, then the record as protobuf. */
export function encodeValue(revision: number, record: BindingRecord): Buffer {
  writeRevision(revisionPrefix, revision);
  return encodeMessage(StoredRecord, record, revisionPrefix);
}

/** The revision as the script compares it; empty for 0, no record. */
export function encodeRevision(revision: number): Buffer {
  if (revision === 0) return noBytes;
  const bytes = Buffer.allocUnsafe(revisionBytes);
  writeRevision(bytes, revision);
  return bytes;
}

/** A value as the store gave it; null where it had none. */
export function decodeValue(value: Buffer | null): VersionedRecord {
  if (value === null) return noRecord;
  const revision = value.readUInt32BE(0) * 0x1_0000_0000 + value.readUInt32BE(4);
  return { revision, record: decodeMessage(StoredRecord, value.subarray(revisionBytes)) };
}

/**
 * What the log of changes keeps of a binding: of a refreshed one its name only (refreshes are nearly all of the log, and
 * the record has the rest), else a record of its own; nothing where the store had dropped it before it was seen.
 */
export function encodeChange({ change, binding }: StoredChange): Buffer | string {
  if (binding === undefined) return noBytes;
  if (change === 'refreshed') return bindingIdOf(binding);
  return encodeMessage(StoredRecord, { bindings: [binding], nonces: [], nonceFloorMs: 0 });
}

/** An entry of the log as XRANGE gives it: its id, then names and values of fields by turns. */
export function decodeChange(id: Buffer, fields: readonly Buffer[]): LoggedChange {
  const [, aor = noBytes, , change = noBytes, , kept = noBytes] = fields;
  const entry = {
    position: readPosition(id.toString('latin1')),
    aor: aor.toString('latin1'),
    change: change.toString('latin1') as LoggedChange['change'],
  };
  if (entry.change === 'refreshed')
    return { ...entry, bindingId: kept.toString('latin1'), binding: undefined };
  const binding = kept.length === 0 ? undefined : decodeMessage(StoredRecord, kept).bindings[0];
  return { ...entry, bindingId: binding === undefined ? '' : bindingIdOf(binding), binding };
}

function writeRevision(target: Buffer, revision: number): void {
  target.writeUInt32BE(Math.floor(revision / 0x1_0000_0000), 0);
  target.writeUInt32BE(revision % 0x1_0000_0000, 4);
}
