import type { z } from 'zod';

/** Far more than 64 answers with a number of AORs each; more is a fault of the webhook. */
const maxAnswerBytes = 4 * 1024 * 1024;

/** Asks a webhook: one address, one JSON object for each request with what is asked for as its only key. */
export class WebhookRequests {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #closing = new AbortController();

  /**
   * @param url with user and password where it asks for Basic authentication
   * @param token of the Bearer scheme; empty for none
   */
  constructor(url: string, token: string) {
    const address = new URL(url);
    const { username, password } = address;
    address.username = '';
    address.password = '';
    this.#url = address.href;
    const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
      'base64',
    );
    const authorization = username === '' ? (token === '' ? undefined : `Bearer ${token}`) : `Basic ${basic}`;
    this.#headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    };
  }

  /**
   * @param request one key, what is asked for
   * @param schema the form of the answer
   * @throws Error that says what is wrong: no answer in time, another status than 200, another form
   */
  async ask<T>(request: object, schema: z.ZodType<T>, timeoutMs: number): Promise<T> {
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#closing.signal]);
    const text = await this.#post(JSON.stringify(request), signal);
    const [what = ''] = Object.keys(request);
    const read = schema.safeParse(parseJson(text));
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    throw new Error(
      `its answer to "${what}" cannot be read: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    );
  }

  /** Ends what is under way. */
  close(): void {
    this.#closing.abort(new Error('closed'));
  }

  async #post(body: string, signal: AbortSignal): Promise<string> {
    try {
      // A redirect would take the token elsewhere.
      const response = await fetch(this.#url, {
        ...{ method: 'POST', headers: this.#headers, body, signal, redirect: 'error' },
      });
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new Error(`it answers with status ${response.status}`);
      }
      return await readBounded(response);
    } catch (error) {
      throw explain(error);
    }
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) throw new Error(`its answer is larger than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('its answer is no JSON');
  }
}

/** fetch says "fetch failed", and why in its cause. */
function explain(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (error.name === 'TimeoutError') return new Error('no answer in time', { cause: error });
  return error.cause instanceof Error && error.cause.message !== ''
    ? new Error(error.cause.message, { cause: error })
    : error;
}
