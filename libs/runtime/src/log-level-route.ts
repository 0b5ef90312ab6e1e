import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LogLevel } from './log-level.ts';
import { logLevels } from './log-level.ts';
import { isLoopback } from './loopback.ts';
import { sendProblem } from './problem-json.ts';

const defaultForSec = 600;
const longestForSec = 86_400;

interface LogLevelQuery {
  readonly level?: string;
  readonly seconds?: string;
}

/**
 * Adds /log-level: GET says the level, PUT ?level=debug&seconds=600 changes it for a time, DELETE takes that back. Only
 * from this machine, which `kubectl port-forward` and `kubectl exec` are: what it writes at debug is not for everybody
 * in the cluster to switch on.
 */
export function addLogLevelRoute(app: FastifyInstance, logLevel: LogLevel): void {
  app.route<{ Querystring: LogLevelQuery }>({
    method: ['GET', 'PUT', 'DELETE'],
    url: '/log-level',
    handler: (request, reply) => {
      if (!isLoopback(request.ip)) return refuse(request, reply, 403, 'FORBIDDEN', 'Only from this machine.');
      if (request.method === 'DELETE') logLevel.reset();
      if (request.method === 'PUT') {
        const { level, seconds } = request.query;
        const wanted = logLevels.find((each) => each === level);
        const forSec = seconds === undefined ? defaultForSec : Number(seconds);
        if (wanted === undefined)
          return refuse(request, reply, 400, 'BAD_REQUEST', `level must be one of ${logLevels.join(', ')}.`);
        if (!Number.isInteger(forSec) || forSec < 1 || forSec > longestForSec)
          return refuse(request, reply, 400, 'BAD_REQUEST', `seconds must be from 1 to ${longestForSec}.`);
        logLevel.set(wanted, forSec);
      }
      return reply.header('cache-control', 'no-store').send(logLevel.state);
    },
  });
}

function refuse(request: FastifyRequest, reply: FastifyReply, status: number, code: string, detail: string) {
  const title = status === 403 ? 'Forbidden' : 'Bad Request';
  return sendProblem(reply, { status, title, detail, code }, request.id);
}
