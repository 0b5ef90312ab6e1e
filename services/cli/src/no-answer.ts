import { formatHostPort, type HostPort } from '@rollcall/transport';
import { CommandFailure, exitCodes } from './exit-codes.ts';

/** What somebody who is there does not prove. */
const aboutCertificate = /^its certificate/;

/**
 * Nobody answers; says what to do about it.
 *
 * @param why what is known of the reason; '' where nothing is
 */
export function noAnswer(server: HostPort, transport: string, why: string, cause?: unknown): CommandFailure {
  const where = `${formatHostPort(server)} over ${transport.toUpperCase()}`;
  const reason = why === '' ? '' : ` (${why})`;
  const advice = 'is the edge running? try `npm start`, or name it with --server';
  const text = aboutCertificate.test(why)
    ? `${where} cannot be trusted: ${why}`
    : `no answer from ${where}${reason}: ${advice}`;
  return new CommandFailure(exitCodes.noAnswer, text, { cause });
}
