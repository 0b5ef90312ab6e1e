import { fileURLToPath } from 'node:url';
import { type ClientDuplexStream, credentials, loadPackageDefinition } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { locationServices, serveGrpc } from '../src/index.ts';
import { clock } from './loopback.ts';

interface Answer {
  listServicesResponse?: { service: { name: string }[] };
  fileDescriptorResponse?: { fileDescriptorProto: Buffer[] };
}

/** What a tool asks first, and then to call a method. */
async function ask(port: number, question: object): Promise<Answer | Error> {
  const { loadSync } = await import('@grpc/proto-loader');
  const { resolve } = import.meta;
  const file = fileURLToPath(
    new URL('../proto/grpc/reflection/v1/reflection.proto', resolve('@grpc/reflection')),
  );
  const loaded = loadPackageDefinition(loadSync(file, { keepCase: false })) as unknown as {
    grpc: { reflection: { v1: { ServerReflection: new (address: string, how: object) => Client } } };
  };
  const client = new loaded.grpc.reflection.v1.ServerReflection(
    `127.0.0.1:${port}`,
    credentials.createInsecure(),
  );
  return new Promise((done) => {
    const call = client.serverReflectionInfo();
    const finish = (answer: Answer | Error) => {
      call.cancel();
      client.close();
      done(answer);
    };
    call.once('data', finish);
    call.on('error', finish);
    call.write(question);
  });
}

interface Client {
  serverReflectionInfo(): ClientDuplexStream<object, Answer>;
  close(): void;
}

const calls = {
  apply: () => Promise.reject(new Error('not for this test')),
  endFlows: () => Promise.reject(new Error('not for this test')),
  lookUp: () => Promise.reject(new Error('not for this test')),
};

it('tells the public contract where it is switched on, and nothing of the internal one', async () => {
  const server = await serveGrpc('127.0.0.1:0', locationServices(calls), { clock, reflection: true });
  try {
    const list = await ask(server.port, { listServices: '' });
    expect(list).toMatchObject({
      listServicesResponse: { service: [{ name: 'rollcall.location.v1.LocationService' }] },
    });
    const symbol = 'rollcall.location.v1.LocationService.WatchRegistrations';
    const files = await ask(server.port, { fileContainingSymbol: symbol });
    if (files instanceof Error) throw files;
    const text = Buffer.concat(files.fileDescriptorResponse?.fileDescriptorProto ?? []).toString('latin1');
    expect(text).toContain('rollcall/location/v1/location_service.proto');
    expect(text).toContain('google/rpc/status.proto');
    expect(text).not.toContain('BindingService');
  } finally {
    await server.drain(0);
  }
});

it('tells nothing where it is off', async () => {
  const server = await serveGrpc('127.0.0.1:0', locationServices(calls), { clock });
  try {
    expect(await ask(server.port, { listServices: '' })).toMatchObject({ code: 12 });
  } finally {
    await server.drain(0);
  }
});
