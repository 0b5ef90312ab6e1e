import { expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { traceVariables } from './trace-variables.ts';

const read = (TRACE_OTLP_ENDPOINT: string, TRACE_SAMPLE_RATIO = '0.5') =>
  readConfig(traceVariables, { TRACE_OTLP_ENDPOINT, TRACE_SAMPLE_RATIO });

it('no traces unless an endpoint is named', () => {
  expect(readConfig(traceVariables, {})).toEqual({ traceEndpoint: '', traceRatio: 0.01 });
});

it('takes a base URL, with or without its last slash', () => {
  expect(read('http://collector:4318').traceEndpoint).toBe('http://collector:4318');
  expect(read('https://otel.example.com/tenant/').traceEndpoint).toBe('https://otel.example.com/tenant');
});

it.each(['collector:4318', 'grpc://collector:4317', 'http://', 'http://c/?a=b'])('refuses %s', (endpoint) => {
  expect(() => read(endpoint)).toThrow('TRACE_OTLP_ENDPOINT');
});

it.each(['1.1', '-0.1', 'half', '', '1e-3'])('refuses the ratio "%s"', (ratio) => {
  expect(() => read('', ratio)).toThrow('TRACE_SAMPLE_RATIO');
});

it.each([
  ['0', 0],
  ['1', 1],
  ['.25', 0.25],
  ['0.001', 0.001],
])('takes the ratio %s', (text, ratio) => {
  expect(read('', text).traceRatio).toBe(ratio);
});
