export { describeCommon, describeServices, type MetricDescription } from './catalogue.ts';
