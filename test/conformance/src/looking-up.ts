import { connectLocationApi, type PublicBinding } from '@rollcall/rpc';
import { systemClock } from '@rollcall/runtime';
import type { ConformanceTarget } from './conformance-case.ts';

const timeoutMs = 5000;

/** What the public gRPC API says is bound to an AOR. */
export async function lookUp(target: ConformanceTarget, aor: string): Promise<readonly PublicBinding[]> {
  const api = connectLocationApi(`dns:///${target.locationApi}`, { clock: systemClock });
  try {
    await api.whenReady(timeoutMs);
    const { registration } = await api.getRegistration({ aor }, { timeoutMs, traceparent: '' });
    return registration?.bindings ?? [];
  } finally {
    api.close();
  }
}

/** Removes all bindings of an AOR, as an operator does. */
export async function deleteRegistration(target: ConformanceTarget, aor: string): Promise<void> {
  const api = connectLocationApi(`dns:///${target.locationApi}`, { clock: systemClock });
  try {
    await api.whenReady(timeoutMs);
    await api.deleteRegistration({ aor, etag: '', allowMissing: false }, { timeoutMs, traceparent: '' });
  } finally {
    api.close();
  }
}
