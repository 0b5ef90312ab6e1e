import type { AuthCalls, Call, LocationCalls, RedirectCalls, RegistrarCalls } from './calls.ts';
import type { MethodName } from './observer.ts';
import { authMethods, bindingMethods, redirectMethods, registrarMethods } from './service-methods.ts';
import { type CallTracer, tracedCall } from './traced-call.ts';

/** Services of this very process, to be called without a network but followed as if there were one. */
export interface LocalServices {
  readonly auth: AuthCalls;
  readonly location: LocationCalls;
  readonly registrar: RegistrarCalls;
  readonly redirect: RedirectCalls;
}

const tables = {
  auth: authMethods,
  location: bindingMethods,
  registrar: registrarMethods,
  redirect: redirectMethods,
};

/** The calls of a service of this process, each traced as its server sees it; the calls themselves without a tracer. */
export function tracedService<Name extends keyof LocalServices>(
  name: Name,
  calls: LocalServices[Name],
  tracer: CallTracer | undefined,
): LocalServices[Name] {
  if (tracer === undefined) return calls;
  const traced: Record<string, unknown> = { ...calls };
  for (const [key, method] of Object.entries<MethodName>(tables[name])) {
    if (method.type !== 'unary') continue;
    traced[key] = tracedCall('server', method, traced[key] as Call<unknown, unknown>, tracer);
  }
  return traced as unknown as LocalServices[Name];
}
