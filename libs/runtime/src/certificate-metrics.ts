import type { Gauge } from './gauge.ts';
import type { Metrics } from './metrics.ts';

const usages = ['sip', 'grpc_server', 'grpc_client', 'redis'] as const;

/** What a certificate is shown for: to phones and peers, to gRPC callers, to gRPC servers, to Redis. */
export type CertificateUsage = (typeof usages)[number];

/** What a process counts of its certificates. */
export interface CertificateMetrics {
  /** Shows certificates. @param notAfterMs when each of them ends */
  show(usage: CertificateUsage, notAfterMs: () => readonly number[]): void;
  /** The files changed and were read again; failure: they could not be used. */
  reloaded(result: 'success' | 'failure'): void;
}

const known = new WeakMap<Metrics, CertificateMetrics>();

/** The metrics of all certificates of a process: the same ones for whoever asks. */
export function certificateMetrics(metrics: Metrics): CertificateMetrics {
  const made = known.get(metrics) ?? create(metrics);
  known.set(metrics, made);
  return made;
}

function create(metrics: Metrics): CertificateMetrics {
  const shown = new Map<CertificateUsage, () => readonly number[]>();
  metrics.gauge({
    name: 'rollcall_tls_certificate_not_after_timestamp_seconds',
    help: 'When the certificate ends that is shown to SIP peers, to gRPC callers, to gRPC servers or to Redis, in seconds since 1970; of several the first to end.',
    labels: { usage: usages },
    preCreate: false,
    collect: (gauge: Gauge<{ usage: typeof usages }>) => {
      for (const [usage, notAfterMs] of shown) gauge.with({ usage }).set(Math.min(...notAfterMs()) / 1000);
    },
  });
  const reloads = metrics.counter({
    name: 'rollcall_tls_certificate_reloads_total',
    help: 'Times that changed certificate files were read; failure: they could not be used, and those before stay in use.',
    labels: { result: ['success', 'failure'] },
  });
  return {
    show: (usage, notAfterMs) => void shown.set(usage, notAfterMs),
    reloaded: (result) => reloads.with({ result }).inc(),
  };
}
