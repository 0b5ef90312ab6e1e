import type { AuthCalls } from '../src/index.ts';

function notAsked(): Promise<never> {
  return Promise.reject(new Error('not asked in this test'));
}

/** An auth that a test replaces in part: everything else is not to be asked. */
export const noAuthCalls: AuthCalls = {
  leaseChallenges: notAsked,
  getVector: notAsked,
  verify: notAsked,
  useNonce: notAsked,
  reportFailure: notAsked,
  resolveAddress: notAsked,
  watchSubscribers: () => ({ cancel: () => undefined }),
};
