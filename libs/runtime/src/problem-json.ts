import type { FastifyReply } from 'fastify';

/** RFC 9457: an error that a machine can read. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  /** What is wrong with this request; never an internal detail. */
  readonly detail: string;
  /** Machine-readable reason in UPPER_SNAKE case. */
  readonly code: string;
}

/** Answers with application/problem+json. */
export function sendProblem(reply: FastifyReply, problem: Problem, requestId: string): FastifyReply {
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `urn:rollcall:error:${problem.code}`,
        title: problem.title,
        status: problem.status,
        detail: problem.detail,
        instance: requestId,
        code: problem.code,
      }),
    );
}

/** The problem that an error of the HTTP server stands for. The text of a 5xx never leaves the process. */
export function problemOf(status: number, message: string): Problem {
  if (status === 413) {
    return {
      status,
      title: 'Content Too Large',
      detail: 'The body is too large.',
      code: 'CONTENT_TOO_LARGE',
    };
  }
  if (status === 415) {
    return { status, title: 'Unsupported Media Type', detail: message, code: 'UNSUPPORTED_MEDIA_TYPE' };
  }
  if (status >= 400 && status < 500)
    return { status, title: 'Bad Request', detail: message, code: 'BAD_REQUEST' };
  return {
    status: 500,
    title: 'Internal Server Error',
    detail: 'Something went wrong here; the log says what.',
    code: 'INTERNAL',
  };
}
