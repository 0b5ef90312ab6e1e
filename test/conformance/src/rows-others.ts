import { type ConformanceRow, rowsOf } from './conformance-row.ts';

/** Areas N, R, T and W: events, TLS, streams, and what several replicas must do. */
export const otherRows: readonly ConformanceRow[] = [
  ...rowsOf('N', [
    ['RE1', '3680 §4', 1, 'SUBSCRIBE for reg gets 200 and a full NOTIFY at once'],
    ['RE2', '6665 §8.3.2', 1, 'Unknown event package: 489 with Allow-Events'],
    ['RE3', '3680 §4.6', 1, 'Only the owner and those it allows may watch'],
    [
      'RE4',
      '3680 §4.7.1',
      1,
      'Each change has its own event and state; created, shortened, probation and rejected tell what only an operator could do, and nobody does here',
    ],
    ['RE5', '3680 §5.2', 2, 'Versions grow by one; Expires: 0 fetches'],
    ['RE6', '5628 §5', 2, 'GRUUs in reginfo'],
  ]),
  ...rowsOf('R', [
    ['TL1', '5922 §7.2', 1, 'The peer is who its certificate says, without wildcards'],
    ['TL2', '5922 §5', 0, 'The certificate of the domain that is asked for'],
    ['TL3', '5923 §5', 2, 'alias counts after mutual TLS only'],
    ['TL4', '5630 §3', 1, 'sips without TLS is refused, and never led to sip'],
  ]),
  ...rowsOf('T', [
    ['KP1', '6223 §4.4', 2, 'keep in a Via stays bare where nothing is promised'],
    ['WS1', '7118 §4.1', 1, 'The handshake agrees on sip'],
    ['WS2', '7118 §5', 1, 'One SIP message in each WebSocket message'],
    ['WS3', '7118 §5', 1, '.invalid contacts are reached by their flow'],
    ['WS4', '7118 §6', 1, 'Pings of both kinds are answered'],
    ['WS5', '7118 §5', 1, 'Timers of a reliable transport'],
  ]),
  ...rowsOf('W', [
    ['CN1', '3261 §10.3', 0, 'A binding lives to the second'],
    ['CN2', '3261 §10.3(7)', 0, 'A hundred at once, and the highest CSeq is what stays'],
    ['CN3', 'design §7', 1, 'A service that is restarted loses no binding'],
    ['CN4', 'design §7', 0, 'Without Redis: 503 within a second, never 404'],
    ['CN5', 'design §7', 0, 'Each fault behind the edge has its response'],
    ['CN6', 'security', 0, 'What a phone writes cannot reach another key'],
  ]),
];
