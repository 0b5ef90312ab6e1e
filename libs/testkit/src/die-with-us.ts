import { type ChildProcess, spawn } from 'node:child_process';

/**
 * A run that is killed or interrupted must not leave a process behind. The end of its input tells a shell that this process is
 * gone, however that came about; an exit handler would not run.
 */
export function dieWithUs(child: ChildProcess): void {
  const script = 'cat >/dev/null; kill -9 "$0" 2>/dev/null';
  const watch = spawn('sh', ['-c', script, String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watch.unref();
  child.once('exit', () => watch.kill('SIGKILL'));
}
