#!/usr/bin/env -S node --conditions=rollcall-source
import { once } from 'node:events';
import process from 'node:process';
import { ConfigError, configExitCode, systemClock } from '@rollcall/runtime';
import { runCli } from './cli.ts';
import { readCliConfig, readEnvironment } from './config.ts';

/** `rollcall lookup … | head` is no fault: who reads has read enough, and what runs on need not. */
const nobodyReads = new Promise<void>((resolve) => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    resolve();
  });
});

try {
  const config = readCliConfig();
  process.exitCode = await runCli(process.argv.slice(2), {
    config,
    environment: readEnvironment(),
    clock: systemClock,
    out: process.stdout,
    err: process.stderr,
    colour: process.stdout.isTTY === true && config.noColor === '',
    untilStopped: async () => {
      await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT'), nobodyReads]);
    },
  });
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = configExitCode;
}
