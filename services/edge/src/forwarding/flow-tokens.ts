import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { formatHostPort, type HostPort, parseHostPort } from '@rollcall/transport';

// A token is, in base64url, 16 bytes of an HMAC-SHA-256 over the content and the content itself, encrypted with AES-256-CTR
// under these 16 bytes as IV (the construction of RFC 5297 with other primitives). So nobody changes it unseen, nobody
// reads the phone's and the edge's addresses in it, and the same flow has the same token at each refresh.

const macBytes = 16;
const minSecretLength = 16;
/** Shorter texts are users, and longer ones no tokens of ours. */
const tokenLength = { least: 40, most: 420 };
const version = '1';
const base64url = /^[A-Za-z0-9_-]+$/;

/** What the setting of the secrets may hold, as the end of "must be …". */
export const flowSecretsForm = `secrets of at least ${minSecretLength} characters each, between spaces`;

/** Secrets between spaces; undefined where one is too short. */
export function readFlowSecrets(text: string): readonly string[] | undefined {
  const secrets = text.split(/\s+/).filter((secret) => secret !== '');
  return secrets.every((secret) => secret.length >= minSecretLength) ? secrets : undefined;
}

/** Where an edge is found by the other edges. */
export interface EdgeAddress extends HostPort {
  /** False where it serves TCP only. */
  readonly udp: boolean;
}

/** What a token says, once opened. */
export interface OpenedFlow {
  /** EDGE_NAME of the edge that holds the flow. */
  readonly edge: string;
  readonly address: EdgeAddress;
  /** The flow's token in that edge's flow table. */
  readonly flowToken: string;
  /** The Call-ID of the only call that the token is good for; undefined for one that was put into a Path. */
  readonly callId: string | undefined;
}

interface Keys {
  readonly mac: Buffer;
  readonly cipher: Buffer;
}

/** Makes and opens the flow tokens of RFC 5626 §5.2, which the edges of one site share: nothing is stored for them. */
export class FlowTokens {
  readonly #keys: readonly Keys[];

  /** The first of the secrets seals, all open. */
  constructor(secrets: readonly string[]) {
    this.#keys = secrets.map(deriveKeys);
  }

  /** The token of a flow. */
  seal(flow: OpenedFlow): string {
    const { edge, address, flowToken, callId } = flow;
    const [keys] = this.#keys;
    if (keys === undefined) throw new TypeError('flow tokens need a secret');
    const where = `${address.udp ? 'u' : 't'}${formatHostPort(address)}`;
    const call = callId === undefined ? '' : digestCallId(keys, callId);
    const content = Buffer.from([version, edge, where, flowToken, call].join('\n'), 'utf8');
    const mac = macOf(keys, content);
    const cipher = createCipheriv('aes-256-ctr', keys.cipher, mac);
    return Buffer.concat([mac, cipher.update(content), cipher.final()]).toString('base64url');
  }

  /**
   * Opens a token.
   *
   * @param callId of the request that brought it
   * @returns `foreign` where it was not made with one of the secrets, was changed, or was made for another call
   */
  open(token: string, callId: string): OpenedFlow | 'foreign' {
    if (!looksLikeToken(token)) return 'foreign';
    const bytes = Buffer.from(token, 'base64url');
    // Node also reads other spellings of base64: one flow has one token.
    if (bytes.length <= macBytes || bytes.toString('base64url') !== token) return 'foreign';
    for (const keys of this.#keys) {
      const content = unseal(keys, bytes);
      if (content !== undefined) return readContent(keys, content, callId);
    }
    return 'foreign';
  }
}

/** Whether a user part may be a token, by its form. */
export function looksLikeToken(user: string): boolean {
  return user.length >= tokenLength.least && user.length <= tokenLength.most && base64url.test(user);
}

function deriveKeys(secret: string): Keys {
  const derive = (use: string) =>
    Buffer.from(hkdfSync('sha256', secret, '', `rollcall flow token ${use}`, 32));
  return { mac: derive('mac'), cipher: derive('cipher') };
}

function macOf(keys: Keys, content: Buffer): Buffer {
  return createHmac('sha256', keys.mac).update(content).digest().subarray(0, macBytes);
}

function unseal(keys: Keys, bytes: Buffer): Buffer | undefined {
  const mac = bytes.subarray(0, macBytes);
  const decipher = createDecipheriv('aes-256-ctr', keys.cipher, mac);
  const content = Buffer.concat([decipher.update(bytes.subarray(macBytes)), decipher.final()]);
  return timingSafeEqual(macOf(keys, content), mac) ? content : undefined;
}

/** Eight characters: whoever guesses them still needs the secret to use them. */
function digestCallId(keys: Keys, callId: string): string {
  return createHmac('sha256', keys.mac).update(`call ${callId}`, 'latin1').digest('base64url').slice(0, 8);
}

function readContent(keys: Keys, content: Buffer, callId: string): OpenedFlow | 'foreign' {
  const [known, edge = '', where = '', flowToken = '', call = ''] = content.toString('utf8').split('\n');
  if (known !== version) return 'foreign';
  if (call !== '' && call !== digestCallId(keys, callId)) return 'foreign';
  const address = { ...parseHostPort(where.slice(1)), udp: where.startsWith('u') };
  return { edge, address, flowToken, callId: call === '' ? undefined : callId };
}
