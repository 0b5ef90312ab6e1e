import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { instanceKeyOf, keyBytes } from './instance-key.ts';

// The user part of a temporary GRUU is "tgruu." and, in base64url, 24 bytes that look random, the sealed content and its
// 16-byte tag. The content is 6 bytes of the epoch, 10 that stand for the instance, and the AOR's user part, filled up
// with zeros to a multiple of 32 bytes so that the length does not tell users apart. Nothing is kept for a GRUU.

const prefix = 'tgruu.';
const saltBytes = 12;
const ivBytes = 12;
const tagBytes = 16;
const epochBytes = 6;
const headBytes = epochBytes + keyBytes;
const userBlockBytes = 32;
/** Longer user parts get none: their GRUU would be too long for a request line over UDP. */
const maxUserLength = 256;
const maxTokenLength = 600;

/** What a temporary GRUU says, once opened. */
export interface OpenedGruu {
  /** Canonical AOR. */
  readonly aor: string;
  /** As `instanceKeyOf` makes it of the instance-id. */
  readonly instanceKey: string;
  /** The epoch in which it was made: it is good while this is still the instance's, see @rollcall/bindings. */
  readonly epochMs: number;
}

/**
 * Makes and opens temporary GRUUs (RFC 5627 §3.1.2): sealed with AES-256-GCM, so that nobody without a secret can make
 * one, learn the AOR from it, or tell whether two belong together (§5.1).
 */
export class TemporaryGruus {
  readonly #secrets: readonly Buffer[];

  /** The first of the secrets seals, all open; none: no temporary GRUUs are made, and none is good. */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.map((secret) => Buffer.from(secret, 'utf8'));
  }

  /**
   * The temporary GRUU of one registration, the same however often it is asked for; undefined where there is no secret,
   * or the user part is too long.
   *
   * @param aor canonical, "sip:user@domain"
   * @param registered the registration that it was created by: another one has another GRUU
   */
  make(
    aor: string,
    instanceId: string,
    epochMs: number,
    registered: { readonly callId: string; readonly cseq: number },
  ): string | undefined {
    const [secret] = this.#secrets;
    const at = aor.lastIndexOf('@');
    const user = aor.slice('sip:'.length, at);
    if (secret === undefined || at < 0 || user.length > maxUserLength) return undefined;
    const content = Buffer.alloc(headBytes + Math.ceil(user.length / userBlockBytes) * userBlockBytes);
    content.writeUIntBE(epochMs, 0, epochBytes);
    content.write(instanceKeyOf(instanceId), epochBytes, keyBytes, 'latin1');
    content.write(user, headBytes, 'latin1');
    const domain = aor.slice(at + 1);
    const unique = uniqueBytes(secret, content, domain, registered);
    const cipher = createCipheriv('aes-256-gcm', sealingKey(secret, unique), unique.subarray(saltBytes));
    cipher.setAAD(Buffer.from(domain, 'latin1'));
    const sealed = Buffer.concat([unique, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
    return `sip:${prefix}${sealed.toString('base64url')}@${domain};gr`;
  }

  /**
   * Opens the canonical address of a request, "sip:tgruu.…@domain"; undefined where it is no temporary GRUU made with
   * one of the secrets.
   */
  open(address: string): OpenedGruu | undefined {
    if (!isTemporary(address)) return undefined;
    const at = address.lastIndexOf('@');
    const token = address.slice('sip:'.length + prefix.length, at);
    if (at < 0 || token.length > maxTokenLength) return undefined;
    const bytes = Buffer.from(token, 'base64url');
    if (bytes.length < saltBytes + ivBytes + headBytes + tagBytes) return undefined;
    // Node also reads other spellings of base64: one GRUU has one.
    if (bytes.toString('base64url') !== token) return undefined;
    const domain = address.slice(at + 1);
    for (const secret of this.#secrets) {
      const content = unseal(secret, bytes, domain);
      if (content !== undefined) return readContent(content, domain);
    }
    return undefined;
  }
}

/** Whether a canonical address has the form of a temporary GRUU, good or not. */
export function isTemporary(address: string): boolean {
  return address.startsWith(prefix, 'sip:'.length);
}

/**
 * Bytes that nobody tells from random ones without the secret. They depend on all that is sealed: the same content in the
 * same registration has the same ones, and no other has them.
 */
function uniqueBytes(
  secret: Buffer,
  content: Buffer,
  domain: string,
  { callId, cseq }: { readonly callId: string; readonly cseq: number },
): Buffer {
  const made = createHmac('sha256', secret)
    .update('bytes of a temporary GRUU')
    .update(content)
    // Neither a domain nor a Call-ID holds a line feed.
    .update(`${domain}\n${callId}\n${cseq}`, 'latin1')
    .digest();
  return made.subarray(0, saltBytes + ivBytes);
}

/**
 * A key for each GRUU: the 12 bytes of an IV alone would be too few for all that one secret seals in years, and with a key
 * that depends on 12 more no pair of key and IV comes twice.
 */
function sealingKey(secret: Buffer, unique: Buffer): Buffer {
  return createHmac('sha256', secret).update('temporary GRUU').update(unique.subarray(0, saltBytes)).digest();
}

function unseal(secret: Buffer, bytes: Buffer, domain: string): Buffer | undefined {
  const iv = bytes.subarray(saltBytes, saltBytes + ivBytes);
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(secret, bytes), iv, {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(domain, 'latin1'));
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  const content = decipher.update(bytes.subarray(saltBytes + ivBytes, bytes.length - tagBytes));
  try {
    decipher.final();
    return content;
  } catch {
    // Sealed with another secret, or forged.
    return undefined;
  }
}

function readContent(content: Buffer, domain: string): OpenedGruu {
  const filledFrom = content.indexOf(0, headBytes);
  const user = content.toString('latin1', headBytes, filledFrom < 0 ? content.length : filledFrom);
  return {
    aor: `sip:${user}@${domain}`,
    instanceKey: content.toString('latin1', epochBytes, headBytes),
    epochMs: content.readUIntBE(0, epochBytes),
  };
}
