import type { Binding, BindingRecord } from '@rollcall/bindings';
import { StoredRecord } from '@rollcall/rpc';
import type { VersionedRecord } from './binding-store.ts';

const revisionBytes = 8;
const noBytes = Buffer.alloc(0);
const noRecord: VersionedRecord = { revision: 0, record: undefined };

/** A stored value: the revision in 8 bytes, then the record as protobuf. */
export function encodeValue(revision: number, record: BindingRecord): Buffer {
  const body = StoredRecord.encode(record).finish();
  const value = Buffer.allocUnsafe(revisionBytes + body.length);
  writeRevision(value, revision);
  value.set(body, revisionBytes);
  return value;
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
  return { revision, record: StoredRecord.decode(value.subarray(revisionBytes)) };
}

/** A binding in the log of changes, as a record of its own; empty where the store had dropped it before it was seen. */
export function encodeChange(binding: Binding | undefined): Buffer {
  if (binding === undefined) return noBytes;
  const bytes = StoredRecord.encode({ bindings: [binding], nonces: [], nonceFloorMs: 0 }).finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function writeRevision(target: Buffer, revision: number): void {
  target.writeUInt32BE(Math.floor(revision / 0x1_0000_0000), 0);
  target.writeUInt32BE(revision % 0x1_0000_0000, 4);
}
