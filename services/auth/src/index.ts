export { type Auth, type AuthParts, composeAuth } from './compose.ts';
export {
  type AuthPolicyConfig,
  type AuthStoreTarget,
  authPolicyVariables,
  authVariables,
  checkAuthPolicy,
  nonceSecretsPath,
  type SubscriberSource,
} from './config.ts';
export { addAuthMetrics } from './metrics.ts';
export { ListSubscriberStore } from './subscribers/list-subscriber-store.ts';
export { makeSubscriber, type Subscriber, type SubscriberEntry } from './subscribers/subscriber.ts';
export type { SubscriberChange, SubscriberStore } from './subscribers/subscriber-store.ts';
