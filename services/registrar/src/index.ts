export { composeRegistrar, type Registrar, type RegistrarParts } from './compose.ts';
export {
  checkRegistrarPolicy,
  type RegistrarPolicyConfig,
  registrarPolicyVariables,
  registrarVariables,
} from './config.ts';
export { createRegistrarMetrics } from './metrics.ts';
