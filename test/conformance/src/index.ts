export { allCases } from './all-cases.ts';
export { startProduct } from './product.ts';
export { type CaseResult, runCases } from './run-cases.ts';
