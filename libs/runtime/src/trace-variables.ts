import { textAs } from './config-schemas.ts';

/** Variables of traces: part of those that every service has. */
export const traceVariables = {
  traceEndpoint: {
    name: 'TRACE_OTLP_ENDPOINT',
    default: '',
    defaultMeaning: 'no traces',
    meaning:
      'Where traces go: the base URL of an OpenTelemetry collector that takes OTLP over HTTP, for example `http://collector:4318`; `/v1/traces` is added. Empty for no traces.',
    schema: textAs('empty, or an http:// or https:// URL such as http://collector:4318', parseEndpoint),
  },
  traceRatio: {
    name: 'TRACE_SAMPLE_RATIO',
    default: '0.01',
    meaning:
      'Which part of requests is traced, from 0 to 1. The edge decides, for all that is done for the request.',
    schema: textAs('a number from 0 to 1', parseRatio),
  },
} as const;

function parseEndpoint(text: string): string | undefined {
  if (text === '') return '';
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    return undefined;
  return url.href.replace(/\/$/, '');
}

function parseRatio(text: string): number | undefined {
  if (!/^(\d{1,3}(\.\d{1,9})?|\.\d{1,9})$/.test(text)) return undefined;
  const ratio = Number(text);
  return ratio <= 1 ? ratio : undefined;
}
