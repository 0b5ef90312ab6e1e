export { composeEdge, type EdgeParts, type RunningEdge } from './compose.ts';
export { checkEdgePolicy, type EdgePolicyConfig, edgePolicyVariables, edgeVariables } from './config.ts';
export type { ListenerSetting } from './listener-setting.ts';
export { catalogueEdgeMetrics } from './metric-catalogue.ts';
export type { Network } from './networks.ts';
export type { AdvertisedAddress } from './own-address.ts';
