import { rowsOf } from './conformance-row.ts';

/** F: what the edge owes as a proxy, RFC 3261 §16, RFC 5393. */
export const proxyRows = rowsOf('F', [
  ['P1', '3261 §16.3', 0, 'Max-Forwards 0 is not forwarded (483); else it goes down by one'],
  ['P2', '4475 §3.1.2.4', 1, 'Max-Forwards above 255 does no harm; one that is no number gets 400'],
  ['P3', '3261 §16.3 (5)', 0, 'Unknown option tags in Proxy-Require get 420 that lists them'],
  ['P4', '3261 §16.3 (1)', 1, 'Unknown methods and headers are forwarded as they are'],
  ['P5', '3261 §16.6 (8)', 0, 'An own Via on top of what is forwarded, gone from the response'],
  ['P6', '3261 §16.4', 1, 'The own Route is taken off; strict routers are understood'],
  ['P7', '3261 §16.6 (4)', 1, 'Record-Route where a dialog must come back, not on REGISTER'],
  ['P8', '3261 §16.3 (4)', 1, 'A loop gets 482, a spiral passes'],
  ['P9', '5393 §5.3', 2, 'Max-Breadth is honoured'],
  ['P10', '6026', 1, 'A response that belongs to nothing is dropped'],
  ['P11', '3261 §22.1', 0, 'The registrar challenges with 401, a proxy with 407'],
  ['P12', 'policy', 0, 'No relay for foreign domains'],
  ['P13', 'policy', 1, 'Nothing of the inside is told outside'],
]);

/** G: server transactions, RFC 3261 §17.2, RFC 6026. */
export const transactionRows = rowsOf('G', [
  ['T1', '3261 §17.2.3', 0, 'A transaction is known by branch, sent-by with port, and method'],
  ['T2', '3261 §17.2.3', 1, 'Without the magic cookie RFC 2543’s matching applies'],
  ['T3', '3261 §17.2.2', 0, 'Retransmissions that come before the answer are absorbed'],
  ['T4', '3261 §17.2.2', 0, 'Over UDP the answer is repeated for 32 s, byte by byte'],
  ['T5', '3261 §17.2.2', 0, 'A retransmitted REGISTER is no replay and not out of order'],
  ['T6', 'design', 1, 'A retransmission to another edge gets the same, and binds once'],
  ['T7', '3261 §17.2.1', 0, '100 for an INVITE that takes more than 200 ms'],
  ['T8', '3261 §17.2.1', 0, 'A failure of an INVITE is repeated over UDP until its ACK, 32 s at most'],
  ['T9', '3261 §17.2.1', 0, 'The ACK ends that; further ones are absorbed'],
  ['T10', '3261 §17.2.1', 0, 'A retransmitted INVITE gets what its state has for it'],
  ['T11', '3261 §17.2.3', 1, 'An ACK with another branch ends nothing'],
  ['T12', '3261 §17.2', 1, 'The table is bounded, and its memory comes back'],
  ['T13', '3261 §17.2.4', 1, 'An answer that cannot be delivered harms nothing'],
]);

/** H: transport, RFC 3261 §18, §7.5, RFC 3581. */
export const transportRows = rowsOf('H', [
  ['X1', '3261 §18.2.1', 0, 'received where sent-by is a name or not the source'],
  ['X2', '3581 §4', 0, 'rport is filled in, with received'],
  ['X3', '3581 §4', 0, 'UDP responses leave from where the request came to'],
  ['X4', '3261 §18.2.2', 0, 'Without rport the response goes to the sent-by port'],
  ['X5', '3261 §18.2.2', 2, 'maddr in Via: followed, or refused as a reflector (not followed here)'],
  ['X6', '3261 §18.2.2', 0, 'Stream responses on the request’s connection, or on a new one when it is gone'],
  ['X7', '3261 §18.3', 0, 'Streams are framed by Content-Length, however they arrive'],
  ['X8', '3261 §20.14', 0, 'A stream message without Content-Length disturbs no other'],
  ['X9', '4475 §3.1.2.3', 0, 'A bad Content-Length on a stream gets 400, and the connection is closed'],
  ['X10', '3261 §18.3', 0, 'UDP: what follows the body is ignored, a short body gets 400'],
  ['X11', '3261 §18.1.1', 0, 'Messages up to 64 KiB are served, larger ones refused with bounded memory'],
  ['X12', '3261 §18.2.1', 0, 'TCP is open wherever UDP is'],
  ['X13', '3261 §18.1.1', 1, 'Large requests of its own go by TCP'],
  ['X14', '3261 §26.3.2.4', 1, 'A connection that sends a byte now and then is closed'],
  ['X15', '3261 §18', 0, 'Connections stay open between requests'],
  ['X16', '3261 §26.3.2.4', 1, 'An unauthenticated request is answered once and briefly'],
]);
