import { z } from 'zod';

// What a webhook answers, each to the request of the same name. Subscribers are read one by one later: one that is wrong
// must not spoil the others.

const list = z.array(z.unknown()).max(16);

/** To `find`: subscribers in the form of subscribers.yaml, a list for each question in their order. */
export const foundSchema = z.object({ found: z.array(list) });

/** To `longerNumber`. */
export const existsSchema = z.object({ exists: z.boolean() });

/** To `scope`. */
export const scopeSchema = z.object({
  domains: z.array(z.string().min(1)).max(10_000),
  /** Networks (CIDR) by domain. */
  trustedNetworks: z.record(z.string(), z.array(z.string())).default({}),
  subscribers: z.number().int().nonnegative().optional(),
});

/** To `changes`: null where it may be anyone. */
export const changesSchema = z.object({
  cursor: z.string().max(1000),
  changed: z
    .array(z.object({ domain: z.string().min(1), username: z.string().min(1) }))
    .max(1000)
    .nullable(),
});
