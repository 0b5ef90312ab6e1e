import { createRequire } from 'node:module';
import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import type { PinoPretty } from 'pino-pretty';

/** A structured logger: `logger.info({ callId }, 'text')`. */
export type Logger = PinoLogger;

/** Options of {@link createLogger}. */
export interface LoggerOptions {
  /** The service's name, on every line. */
  readonly service: string;
  /** The least severe level that is written. */
  readonly level: string;
  /** '' chooses: pretty on a terminal, else json. */
  readonly format: '' | 'json' | 'pretty';
  /** Called for each message written, for the metric of messages by level. */
  readonly onMessage?: (level: string) => void;
  /** Where lines go instead of standard output; for tests. */
  readonly destination?: DestinationStream;
}

/** What never reaches a log, wherever in the logged object it stands (two levels deep). */
const secretFields = [
  'authorization',
  'proxyAuthorization',
  'credentials',
  'response',
  'nonce',
  'cnonce',
  'opaque',
  'password',
  'ha1',
  'secret',
  'nonceKeys',
] as const;

/** Makes a service's logger. Secrets are redacted; the level comes as a word, the time as ISO 8601. */
export function createLogger(options: LoggerOptions): Logger {
  const { onMessage } = options;
  const settings = {
    level: options.level,
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[redacted]',
    },
    ...(onMessage === undefined
      ? {}
      : {
          hooks: {
            logMethod(this: Logger, args: Parameters<Logger['info']>, method: Logger['info'], level: number) {
              onMessage(pino.levels.labels[level] ?? 'other');
              method.apply(this, args);
            },
          },
        }),
  };
  return pino(settings, options.destination ?? openOutput(options.format));
}

function openOutput(format: LoggerOptions['format']): DestinationStream {
  if (format === 'pretty' || (format === '' && process.stdout.isTTY)) return openPrettyOutput();
  return pino.destination({ dest: 1, sync: true });
}

/** pino-pretty is loaded only where a person reads: it costs start-up time and memory. */
function openPrettyOutput(): DestinationStream {
  const pretty: typeof PinoPretty = createRequire(import.meta.url)('pino-pretty');
  return pretty({ colorize: process.stdout.isTTY, ignore: 'pid,hostname,service', sync: true });
}
