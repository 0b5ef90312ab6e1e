import { formatHostPort, type HostPort } from '@rollcall/transport';
import { CommandFailure, exitCodes } from './exit-codes.ts';

/**
 * Nobody answers; says what to do about it.
 *
 * @param why what is known of the reason; '' where nothing is
 */
export function noAnswer(server: HostPort, transport: string, why: string, cause?: unknown): CommandFailure {
  const where = `${formatHostPort(server)} over ${transport.toUpperCase()}`;
  const reason = why === '' ? '' : ` (${why})`;
  return new CommandFailure(
    exitCodes.noAnswer,
    `no answer from ${where}${reason}: is the edge running? try \`npm start\`, or name it with --server`,
    { cause },
  );
}
