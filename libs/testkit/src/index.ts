export {
  type ClusterOptions,
  findFreePorts,
  type Ports,
  type ServiceName,
  type ServicesCluster,
  serviceNames,
  startServices,
} from './cluster.ts';
export { findFreePort } from './free-ports.ts';
export { Program, type ProgramOptions } from './program.ts';
export { type Standalone, startStandalone } from './standalone.ts';
