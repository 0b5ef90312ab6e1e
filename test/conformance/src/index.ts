export { allCases } from './all-cases.ts';
export { startProduct } from './product.ts';
export { type CaseResult, runCases } from './run-cases.ts';
export { prepareSecured, type Secured } from './secured.ts';
