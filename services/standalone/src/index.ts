/** What the CLI and the starter of five processes share with standalone. */
export { formatBanner } from './banner.ts';
export { ChangeLines } from './change-lines.ts';
export { demoSubscribers, standaloneVariables } from './config.ts';
export { serviceVariables } from './service-variables.ts';
