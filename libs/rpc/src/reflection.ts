import type { Server } from '@grpc/grpc-js';
import { locationDescriptors } from './location-descriptors.ts';
import { locationMethods } from './service-methods.ts';

/**
 * Lets tools ask the server for its public contract (gRPC server reflection, v1 and v1alpha): LocationService, and nothing
 * of what our own services say to each other. Loaded only where it is wanted.
 */
export async function addReflection(server: Server): Promise<void> {
  const { ReflectionService } = await import('@grpc/reflection');
  const fileDescriptorProtos = locationDescriptors.map((file) => Buffer.from(file, 'base64'));
  // It looks at nothing else of a loaded package.
  const contract = { contract: { format: '', type: {}, fileDescriptorProtos } };
  const { service } = locationMethods.getRegistration;
  new ReflectionService(contract as unknown as ConstructorParameters<typeof ReflectionService>[0], {
    services: [service],
  }).addToServer(server);
}
