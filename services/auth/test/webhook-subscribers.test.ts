import { systemClock } from '@rollcall/runtime';
import { afterAll, beforeAll } from 'vitest';
import { WebhookLink } from '../src/subscribers/remote/webhook-link.ts';
import { describeRemoteSubscribers } from './remote-subscribers.contract.ts';
import { WebhookServer } from './webhook-server.ts';

const token = 'a token of the webhook';
const server = new WebhookServer(token);

beforeAll(() => server.start());
afterAll(() => server.stop());

describeRemoteSubscribers('subscribers of a webhook', () => ({
  link: () => new WebhookLink({ url: server.url, token, clock: systemClock }),
  put: async (subscriber) => server.put(subscriber),
  remove: async (username) => server.remove(username),
  clear: async () => server.clear(),
  kill: () => server.stop(),
  restart: () => server.start(),
}));
