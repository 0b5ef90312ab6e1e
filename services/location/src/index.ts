/** Location: the binding table and its look-ups. */

export { locationCallers } from './callers.ts';
export type { BindingEvent } from './change-feed.ts';
export { composeLocation, type Location, type LocationParts } from './compose.ts';
export {
  checkLocationStore,
  locationCallerLists,
  locationCallerVariables,
  locationStoreVariables,
  locationVariables,
} from './config.ts';
export { addLocationMetrics } from './metrics.ts';
export type { MemoryTarget, StoreTarget } from './store/store-target.ts';
