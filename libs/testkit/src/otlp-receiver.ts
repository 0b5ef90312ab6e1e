import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** A step of a trace, as a collector got it. */
export interface ReceivedSpan {
  /** The resource's service.name. */
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first step of a trace. */
  readonly parentSpanId: string;
  /** As OTLP numbers them: 2 = server, 3 = client. */
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly facts: Readonly<Record<string, string | number>>;
  /** True where the step failed. */
  readonly failed: boolean;
}

/** A collector that runs, as small as can be. */
export interface OtlpReceiver {
  /** For TRACE_OTLP_ENDPOINT. */
  readonly url: string;
  /** What came so far, in order of arrival. */
  readonly spans: readonly ReceivedSpan[];
  stop(): Promise<void>;
}

/** Takes OTLP traces over HTTP (protobuf) on loopback. `status` is what every export is answered with; default 200. */
export async function startOtlpReceiver(options: { status?: number } = {}): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const { status = 200 } = options;
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const asked = request.method === 'POST' && request.url === '/v1/traces';
      if (asked && status === 200) spans.push(...readExport(body));
      response.writeHead(asked ? status : 404, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** ExportTraceServiceRequest: resource_spans = 1 {resource = 1, scope_spans = 2 {spans = 2}}. */
function readExport(body: Uint8Array): ReceivedSpan[] {
  return submessages(body, 1).flatMap((resourceSpans) => {
    const [resource = new Uint8Array()] = submessages(resourceSpans, 1);
    const service = String(readFacts(submessages(resource, 1))['service.name'] ?? '');
    return submessages(resourceSpans, 2).flatMap((scopeSpans) =>
      submessages(scopeSpans, 2).map((span) => readSpan(span, service)),
    );
  });
}

function readSpan(bytes: Uint8Array, service: string): ReceivedSpan {
  const fields = readFields(bytes);
  const hex = (number: number) => Buffer.from(bytesOf(fields, number)).toString('hex');
  const [status = new Uint8Array()] = submessages(bytes, 15);
  return {
    service,
    name: Buffer.from(bytesOf(fields, 5)).toString('utf8'),
    traceId: hex(1),
    spanId: hex(2),
    parentSpanId: hex(4),
    kind: Number(fields.get(6)?.[0] ?? 0),
    startNs: BigInt(fields.get(7)?.[0] as bigint),
    endNs: BigInt(fields.get(8)?.[0] as bigint),
    facts: readFacts(submessages(bytes, 9)),
    // Status: code = 3; 2 = error.
    failed: Number(readFields(status).get(3)?.[0] ?? 0) === 2,
  };
}

/** KeyValue: key = 1, value = 2 {string_value = 1, int_value = 3, double_value = 4}. */
function readFacts(pairs: readonly Uint8Array[]): Record<string, string | number> {
  const facts: Record<string, string | number> = {};
  for (const pair of pairs) {
    const key = Buffer.from(bytesOf(readFields(pair), 1)).toString('utf8');
    const [value = new Uint8Array()] = submessages(pair, 2);
    const fields = readFields(value);
    const text = fields.get(1)?.[0];
    facts[key] =
      text instanceof Uint8Array
        ? Buffer.from(text).toString('utf8')
        : Number(fields.get(3)?.[0] ?? Number.NaN);
  }
  return facts;
}

type Field = Uint8Array | bigint;

function readFields(bytes: Uint8Array): Map<number, Field[]> {
  const fields = new Map<number, Field[]>();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    let value: Field;
    if (type === WireType.LengthDelimited) value = reader.bytes();
    else if (type === WireType.Varint) value = BigInt(reader.uint64());
    else if (type === WireType.Bit64) value = BigInt(reader.fixed64());
    else value = BigInt(reader.fixed32());
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

function bytesOf(fields: Map<number, Field[]>, number: number): Uint8Array {
  const value = fields.get(number)?.[0];
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function submessages(bytes: Uint8Array, number: number): Uint8Array[] {
  return (readFields(bytes).get(number) ?? []).filter((each) => each instanceof Uint8Array);
}
