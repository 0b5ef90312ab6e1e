/** Where are AORs now, and what becomes of them: Rollcall's location API for other programs. */
export { type ConnectOptions, connectToRollcall, type ListOptions, type RollcallClient } from './client.ts';
export type { ClientTlsFiles } from './client-tls.ts';
export { followRegistrations, type WatchApi } from './registration-watch.ts';
export { RollcallError } from './rollcall-error.ts';
export type { WatchedEvent, WatchOptions, WatchScope } from './watch-event.ts';
