export { composeEdge, type EdgeParts, type RunningEdge } from './compose.ts';
export { checkEdgePolicy, type EdgePolicyConfig, edgePolicyVariables, edgeVariables } from './config.ts';
export { catalogueEdgeMetrics } from './metric-catalogue.ts';
export type { AdvertisedAddress } from './own-address.ts';
