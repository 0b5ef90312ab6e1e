export { composeRedirect, type Redirect, type RedirectParts } from './compose.ts';
export { type RedirectPolicyConfig, redirectPolicyVariables, redirectVariables } from './config.ts';
export { createRedirectMetrics } from './metrics.ts';
