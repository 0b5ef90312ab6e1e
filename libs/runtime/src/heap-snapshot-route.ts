import { getHeapSnapshot } from 'node:v8';
import type { FastifyInstance } from 'fastify';
import type { Logger } from './logger.ts';
import { isLoopback } from './loopback.ts';
import { sendProblem } from './problem-json.ts';

/**
 * Adds POST /debug/heap-snapshot, which answers with the heap for a browser's developer tools. Passwords and keys are in
 * it, and the process stands still for seconds: only where it was switched on, only to this machine, one at a time. It is
 * written nowhere.
 *
 * @param takeSnapshot reads the heap; of its own in tests
 */
export function addHeapSnapshotRoute(
  app: FastifyInstance,
  logger: Logger | undefined,
  takeSnapshot: typeof getHeapSnapshot = getHeapSnapshot,
): void {
  let busy = false;
  app.route({
    method: 'POST',
    url: '/debug/heap-snapshot',
    handler: async (request, reply) => {
      const refuse = (status: number, title: string, detail: string, code: string) =>
        sendProblem(reply, { status, title, detail, code }, request.id);
      if (!isLoopback(request.ip)) return refuse(403, 'Forbidden', 'Only from this machine.', 'FORBIDDEN');
      if (busy) return refuse(409, 'Conflict', 'Another snapshot is being read.', 'SNAPSHOT_RUNS');
      busy = true;
      try {
        logger?.warn('a heap snapshot is taken; nothing else happens meanwhile');
        const snapshot = takeSnapshot();
        // Also where whoever reads it goes away in the middle: the reply then ends the stream.
        snapshot.once('close', () => {
          busy = false;
        });
        return reply
          .header('cache-control', 'no-store')
          .header('content-disposition', 'attachment; filename="rollcall.heapsnapshot"')
          .type('application/octet-stream')
          .send(snapshot);
      } catch (error) {
        busy = false;
        throw error;
      }
    },
  });
}
