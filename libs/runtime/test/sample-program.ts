import { createServer } from 'node:net';
import {
  createLogger,
  firstReady,
  listening,
  Metrics,
  oneOf,
  readBuildVersion,
  readConfig,
  runProgram,
  type StopStep,
  seconds,
  sharedVariables,
  startHttp,
  systemClock,
} from '../src/index.ts';

const table = {
  ...sharedVariables,
  behaviour: {
    name: 'EDGE_BEHAVIOUR',
    default: 'run',
    meaning: 'What it does.',
    schema: oneOf(
      'run',
      'hang on stop',
      'reject',
      'throw',
      'fail to start',
      'take the port',
      'wait for ever',
    ),
  },
  wait: { name: 'EDGE_WAIT', default: '5', meaning: 'For the tests of problems.', schema: seconds(1, 10) },
} as const;

/** A program that the tests start and stop. It writes "ready" once it runs. */
runProgram('sample', async (stopping) => {
  const config = readConfig(table, process.env);
  const logger = createLogger({ service: 'sample', level: config.logLevel, format: 'json' });
  if (config.behaviour === 'fail to start') throw new Error('no way');
  if (config.behaviour === 'take the port') {
    const { host, port } = config.httpListen;
    await listening(
      'EDGE_TCP_LISTEN',
      `${host}:${port}`,
      new Promise<void>((resolve, reject) => {
        createServer().once('error', reject).listen(port, host, resolve);
      }),
    );
  }
  if (config.behaviour === 'wait for ever') {
    logger.info('waiting');
    const never = { name: 'never', check: () => 'never there' };
    await firstReady([never], { clock: systemClock, logger, stopping });
  }
  const http = await startHttp({
    listen: config.httpListen,
    checks: [],
    metrics: new Metrics(),
    version: readBuildVersion(),
    clock: systemClock,
    logger,
  });
  const stopSteps: StopStep[] = [
    { name: 'readiness', run: () => http.setDraining() },
    {
      name: 'broken',
      run: () => {
        throw new Error('this step fails');
      },
    },
    {
      name: 'hang',
      run: () => (config.behaviour === 'hang on stop' ? new Promise<void>(() => undefined) : undefined),
    },
    { name: 'HTTP', run: () => http.close() },
  ];
  logger.info({ port: http.port }, 'ready');
  if (config.behaviour === 'reject') void Promise.reject(new Error('nobody waits for this'));
  if (config.behaviour === 'throw') setImmediate(() => JSON.parse('{'));
  return { logger, stopSteps, stopTimeoutMs: 500 };
});
