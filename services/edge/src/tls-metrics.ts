import type { Metrics } from '@rollcall/runtime';
import type { CertificateFacts } from '@rollcall/transport';

/** What the edge counts of its certificates. */
export interface TlsMetrics {
  /** The files changed and were read again; failure: they could not be used. */
  reloaded(result: 'success' | 'failure'): void;
}

/** Shows the certificates of the TLS and secure WebSocket listeners. */
export function exposeTls(metrics: Metrics, certificates: () => readonly CertificateFacts[]): TlsMetrics {
  metrics.gauge({
    name: 'rollcall_tls_certificate_not_after_timestamp_seconds',
    help: 'When the certificate ends that SIP over TLS and secure WebSocket show, in seconds since 1970; of several the first to end.',
    labels: { usage: ['sip'] },
    collect: (gauge) =>
      gauge
        .with({ usage: 'sip' })
        .set(Math.min(...certificates().map(({ notAfterMs }) => notAfterMs)) / 1000),
  });
  const reloads = metrics.counter({
    name: 'rollcall_tls_certificate_reloads_total',
    help: 'Times that changed certificate files were read; failure: they could not be used, and those before stay in use.',
    labels: { result: ['success', 'failure'] },
  });
  return { reloaded: (result) => reloads.with({ result }).inc() };
}
