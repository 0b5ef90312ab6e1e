import type { Clock } from '@rollcall/runtime';
import { decodeUtf8 } from '@rollcall/sip';
import { readNetwork } from '../../networks.ts';
import type { LinkEvents, Question, SubscriberLink, SubscriberScope } from './subscriber-link.ts';
import { existsSchema, foundSchema, scopeSchema } from './webhook-answers.ts';
import { WebhookChanges } from './webhook-changes.ts';
import { WebhookRequests } from './webhook-requests.ts';

/** For how long a phone may wait for it. */
const findTimeoutMs = 800;

/** What nobody waits for. */
const scopeTimeoutMs = 5000;

/** Where a webhook is and how it is entered. */
export interface WebhookLinkOptions {
  readonly url: string;
  /** Bearer token; empty where none is needed. */
  readonly token: string;
  readonly clock: Clock;
}

/** Subscribers that a web server knows: services/auth/README.md says what it is asked. */
export class WebhookLink implements SubscriberLink {
  readonly kind = 'webhook';
  readonly #clock: Clock;
  readonly #requests: WebhookRequests;
  #changes: WebhookChanges | undefined;
  #count: number | undefined;

  constructor({ url, token, clock }: WebhookLinkOptions) {
    this.#clock = clock;
    this.#requests = new WebhookRequests(url, token);
  }

  async find(questions: readonly Question[]): Promise<readonly (readonly unknown[])[]> {
    const request = { find: questions.map(toText) };
    const { found } = await this.#requests.ask(request, foundSchema, findTimeoutMs);
    if (found.length !== questions.length) {
      throw new Error(`it answers ${found.length} of ${questions.length} questions`);
    }
    return found;
  }

  async hasLongerNumber(start: string): Promise<boolean> {
    const request = { longerNumber: { start } };
    return (await this.#requests.ask(request, existsSchema, findTimeoutMs)).exists;
  }

  async readScope(): Promise<SubscriberScope> {
    const scope = await this.#requests.ask({ scope: {} }, scopeSchema, scopeTimeoutMs);
    this.#count = scope.subscribers;
    const trustedNetworks = new Map<string, string[]>();
    for (const [domain, networks] of Object.entries(scope.trustedNetworks)) {
      const read = networks.map(readNetwork).filter((network) => network !== undefined);
      trustedNetworks.set(domain.toLowerCase(), read);
    }
    return { domains: [...new Set(scope.domains.map((domain) => domain.toLowerCase()))], trustedNetworks };
  }

  /** Told with the scope. */
  count(): Promise<number | undefined> {
    return Promise.resolve(this.#count);
  }

  follow(events: LinkEvents): void {
    this.#changes = new WebhookChanges(this.#requests, this.#clock, events);
  }

  close(): Promise<void> {
    this.#changes?.close();
    this.#requests.close();
    return Promise.resolve();
  }
}

/** A question with text for people in place of byte strings. */
function toText(question: Question): object {
  return Object.fromEntries(Object.entries(question).map(([key, value]) => [key, decodeUtf8(value)]));
}
