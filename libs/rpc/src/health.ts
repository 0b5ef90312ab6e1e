import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Call } from './calls.ts';
import { type Connection, type ConnectOptions, ServiceConnection } from './connection.ts';
import { type MessageCodec, unary } from './methods.ts';

/** What a server says of itself, in the order of their numbers (grpc.health.v1, HealthCheckResponse). */
const statuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

/** Whether a server takes calls. */
export type HealthStatus = (typeof statuses)[number];

/** Of which of its services a server is asked; '' for the server as a whole. */
export interface HealthQuestion {
  readonly service: string;
}

/** What gRPC's own health service answers. */
export interface HealthCalls {
  /** A service that the server does not have is a fault: NOT_FOUND. */
  readonly check: Call<HealthQuestion, { readonly status: HealthStatus }>;
}

const question: MessageCodec<HealthQuestion> = {
  encode: ({ service }, writer = new BinaryWriter()) =>
    service === '' ? writer : writer.uint32(10).string(service),
  decode: () => {
    throw new Error('only servers read questions');
  },
};

const answer: MessageCodec<{ readonly status: HealthStatus }> = {
  encode: () => {
    throw new Error('only servers write answers');
  },
  decode: (input, length) => {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const end = length === undefined ? reader.len : reader.pos + length;
    let status: HealthStatus = 'UNKNOWN';
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (tag === 8) status = statuses[reader.int32()] ?? 'UNKNOWN';
      else reader.skip(tag & 7);
    }
    return { status };
  },
};

const check = unary('grpc.health.v1.Health', 'Check', question, answer);

/**
 * Connects to the health service that every gRPC server of ours has.
 *
 * @throws RangeError where the target cannot be read
 */
export function connectHealth(target: string, options: ConnectOptions): HealthCalls & Connection {
  const connection = new ServiceConnection(target, options);
  const { ready, subchannels, whenReady, close } = connection;
  return { ready, subchannels, whenReady, close, check: connection.unary(check) };
}
