import { type CertificateMetrics, certificateMetrics, type Metrics } from '@rollcall/runtime';
import type { CertificateFacts } from '@rollcall/transport';

/** Shows the certificates of the TLS and secure WebSocket listeners. */
export function exposeTls(
  metrics: Metrics,
  certificates: () => readonly CertificateFacts[],
): CertificateMetrics {
  const shown = certificateMetrics(metrics);
  shown.show('sip', () => certificates().map(({ notAfterMs }) => notAfterMs));
  return shown;
}
