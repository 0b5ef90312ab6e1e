import { type ConnectOptions, connectHealth, GrpcCode, type HealthStatus, ServiceFault } from '@rollcall/rpc';
import { withoutControls } from './printable.ts';

/** What one server said of itself. */
export interface HealthFinding {
  readonly target: string;
  /** What it said; NONE where nobody answered in time, ERROR where the answer was another one. */
  readonly answer: HealthStatus | 'NONE' | 'ERROR';
  readonly tookMs: number;
  /** '' where it serves. */
  readonly problem: string;
}

/** One server, and of what it is asked. */
export interface HealthQuestion {
  readonly target: string;
  /** Full name of one of its services; '' for the server as a whole. */
  readonly service: string;
  readonly timeoutMs: number;
}

/** Asks a gRPC server whether it takes calls (grpc.health.v1). Never rejects for what the server does. */
export async function askHealth(
  { target, service, timeoutMs }: HealthQuestion,
  options: ConnectOptions,
): Promise<HealthFinding> {
  const { clock } = options;
  const startedAtMs = clock.nowMs();
  const finding = (answer: HealthFinding['answer'], problem: string): HealthFinding => ({
    ...{ target, answer, problem },
    tookMs: clock.nowMs() - startedAtMs,
  });
  const connection = connectHealth(target, options);
  try {
    await connection.whenReady(timeoutMs);
    const leftMs = startedAtMs + timeoutMs - clock.nowMs();
    const { status } = await connection.check(
      { service },
      { timeoutMs: Math.max(1, leftMs), traceparent: '' },
    );
    return finding(
      status,
      status === 'SERVING' ? '' : 'does not take calls: it starts, stops, or lacks what it needs',
    );
  } catch (error) {
    if (!(error instanceof ServiceFault)) throw error;
    return finding(...failureOf(error, service));
  } finally {
    connection.close();
  }
}

function failureOf(fault: ServiceFault, service: string): [HealthFinding['answer'], string] {
  if (fault.code === GrpcCode.NOT_FOUND) return ['SERVICE_UNKNOWN', `has no service ${service}`];
  if (fault.code === GrpcCode.DEADLINE_EXCEEDED || fault.reason === 'BACKEND_UNAVAILABLE')
    return [
      'NONE',
      // What a TLS handshake failed of, where one did.
      fault.cause instanceof Error
        ? fault.cause.message
        : 'no answer in time: is it running, and may it be reached from here?',
    ];
  return ['ERROR', `${fault.reason}: ${withoutControls(fault.message)}`];
}
