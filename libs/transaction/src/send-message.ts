import type { ReplyPath } from './reply-path.ts';
import type { EventObserver } from './transaction-event.ts';

/** Sends; false, and an event, where the transport throws (RFC 3261 §17.1.4, §17.2.4). */
export function sendMessage(path: ReplyPath, bytes: Buffer, notify: EventObserver): boolean {
  try {
    path.send(bytes);
    return true;
  } catch {
    notify('send-failed');
    return false;
  }
}
