import { rowsOf } from './conformance-row.ts';

/** A: message syntax, RFC 3261 §7, §20, §25. */
export const messageRows = rowsOf('A', [
  ['M1', '3261 §7.3.3', 0, 'Compact header names mean the same as long ones, also mixed'],
  ['M2', '3261 §7.3.1', 0, 'Header names in any case'],
  ['M3', '3261 §7.1', 0, 'Method names in their own case only'],
  ['M4', '3261 §7.3.1', 0, 'A folded header equals one with a space there'],
  ['M5', '3261 §7.3.1', 0, 'White space around separators is allowed, in Via too'],
  ['M6', '3261 §7.3', 0, 'A comma list equals several rows, in order'],
  ['M7', '3261 §7.3.1', 0, 'Credentials are one value per row, whatever commas they hold'],
  ['M8', '3261 §25.1', 0, 'Separators and escapes inside quotes are data'],
  ['M9', '3261 §20.10', 0, 'Without <> parameters are the header’s; a URI with "?" needs <>'],
  ['M10', '3261 §8.1.1', 0, 'A missing mandatory header is answered 400; Max-Forwards may be absent'],
  ['M11', '3261 §20.16', 0, 'CSeq fits 32 bits and names the method of the request'],
  ['M12', '3261 §7.3.1', 0, 'Headers that must be single are refused when given twice'],
  ['M13', '3261 §8.2.2', 0, 'Unknown headers, and broken ones that do not matter, are ignored'],
  ['M14', '3261 §7.1', 1, 'The version compares without case; another major version gets 505'],
  ['M15', '3261 §7.1', 1, 'A request line has single spaces, no <> and no space in its URI'],
  ['M16', '3261 §7.5', 0, 'Empty lines before a message are skipped'],
  ['M17', '3261 §7.3', 0, 'UTF-8 is echoed byte by byte; a body is framed by its length alone'],
  ['M18', '3261 §25.1', 1, 'A percent escape means something in URIs only'],
  ['M19', '3261 §25.1', 1, 'A broken q is refused or ignored, never kept as nonsense'],
  ['M20', '4475 §3.1.1.6', 1, 'A display name may touch the "<"'],
]);

/** B: what every UAS does, RFC 3261 §8.2, §9.2, §21. */
export const uasRows = rowsOf('B', [
  ['U1', '3261 §8.2', 0, 'Checks come in their order, and a request that fails one changes nothing'],
  ['U2', '3261 §8.2.1', 0, 'A known method that is not served gets 405 with Allow'],
  ['U3', '3261 §21.5.2', 0, 'An unknown method gets 501'],
  ['U4', '3261 §8.2.2.1', 0, 'A Request-URI of an unknown scheme gets 416'],
  ['U5', '3261 §8.2.2.2', 1, 'A request that came by two ways is answered 482 the second time'],
  ['U6', '3261 §8.2.2.3', 0, 'Unknown option tags in Require get 420 that lists them'],
  [
    'U7',
    '3261 §8.2.3',
    1,
    'A body in an unknown encoding, or one that must be handled, gets 415, an encrypted one 493',
  ],
  ['U8', '3261 §8.2.6.2', 0, 'Responses copy what they must, byte by byte, and have one To tag'],
  ['U9', '4320 §4.1', 1, 'No provisional response and no 408 to anything but INVITE'],
  ['U10', '3261 §9.2', 0, 'CANCEL gets 200 where its request is known, else 481, and no challenge'],
  ['U11', '3261 §17', 0, 'ACK is never answered'],
  ['U12', '3261 §21.5', 0, 'A failure behind the edge is 500 or 503 with Retry-After, quickly'],
  ['U13', '3261 §8.2.7', 1, 'The same request gets the same To tag from every replica'],
  ['U14', '3261 §12.2.2', 1, 'A request inside an unknown dialog gets 481'],
]);
