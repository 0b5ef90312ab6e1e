import { type CertificateMetrics, certificateMetrics, type Metrics } from '@rollcall/runtime';
import { type CertificateFacts, type HandshakeObserver, handshakeFailures } from '@rollcall/transport';

/** Upper bounds in seconds: a round trip or two, and the arithmetic of a core that may have much to do. */
const handshakeBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** The transports with TLS. */
export type SecureTransport = 'tls' | 'wss';

/** Shows the certificates of the TLS and secure WebSocket listeners. */
export function exposeTls(
  metrics: Metrics,
  certificates: () => readonly CertificateFacts[],
): CertificateMetrics {
  const shown = certificateMetrics(metrics);
  shown.show('sip', () => certificates().map(({ notAfterMs }) => notAfterMs));
  return shown;
}

/** Counts the handshakes of the transports that there are; returns who counts those of one. */
export function followHandshakes(
  metrics: Metrics,
  transports: readonly SecureTransport[],
): (transport: SecureTransport) => HandshakeObserver {
  const seconds = metrics.histogram({
    name: 'rollcall_tls_handshake_duration_seconds',
    help: 'How long TLS handshakes took that succeeded, the network included. Long ones at many: no CPU is left for them.',
    labels: { transport: transports },
    buckets: handshakeBuckets,
  });
  const failures = metrics.counter({
    name: 'rollcall_tls_handshake_failures_total',
    help: 'TLS handshakes that came to nothing; client_certificate: missing or not good; own_certificate: the client refuses ours; unfinished: the connection ended, or was ended for its slowness.',
    labels: { transport: transports, reason: handshakeFailures },
  });
  return (transport) => {
    const duration = seconds.with({ transport });
    return {
      onSecure: (elapsedMs) => duration.observe(elapsedMs / 1000),
      onFailed: (reason) => failures.with({ transport, reason }).inc(),
    };
  };
}
