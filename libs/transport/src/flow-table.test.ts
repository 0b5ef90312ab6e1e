import { describe, expect, it } from 'vitest';
import type { Flow } from './flow.ts';
import { FlowTable, formatUdpToken } from './flow-table.ts';
import type { HostPort } from './host-port.ts';
import { mapIpv4, unmapIpv4, withoutZone } from './ip-address.ts';

function makeFlow(flowToken: string, remote: HostPort = { host: '192.0.2.1', port: 5060 }): Flow {
  return {
    transport: 'tcp',
    reliable: true,
    framing: 'stream',
    local: remote,
    remote,
    flowToken,
    open: true,
    send: () => undefined,
  };
}

describe('flow table', () => {
  it('finds a connection by its token while it is there', () => {
    const flows = new FlowTable();
    const flow = makeFlow(flows.mintStreamToken());
    flows.add(flow);
    expect(flows.find(flow.flowToken)).toBe(flow);
    expect(flows.size).toBe(1);
    flows.remove(flow);
    expect(flows.find(flow.flowToken)).toBeUndefined();
  });

  it('OB8: a token of another process, or of an earlier run, finds nothing', () => {
    const mine = new FlowTable();
    const other = new FlowTable();
    const token = mine.mintStreamToken();
    other.add(makeFlow(other.mintStreamToken()));
    expect(other.find(token)).toBeUndefined();
  });

  it.each([
    [
      { host: '127.0.0.1', port: 5060 },
      { host: '192.0.2.1', port: 40_000 },
    ],
    [
      { host: '::', port: 5060 },
      { host: '2001:db8::1', port: 40_000 },
    ],
  ])('makes a UDP flow again from its token: %j', (local, remote) => {
    const flows = new FlowTable();
    const source = {
      address: local,
      open: true,
      send: () => undefined,
      flowTo: (peer: HostPort) => makeFlow('x', peer),
    };
    flows.addUdp(source);
    const token = formatUdpToken(local, remote);
    expect(token.length).toBeLessThan(150);
    expect(flows.find(token)?.remote).toEqual(remote);
    flows.removeUdp(source);
    expect(flows.find(token)).toBeUndefined();
  });

  it.each([
    '',
    'u~',
    'u~127.0.0.1:5060',
    'u~127.0.0.1:5060~',
    'u~127.0.0.1:5060~example.com:5060',
    'u~127.0.0.1:5060~192.0.2.1:0',
    `s~${'x'.repeat(200)}`,
  ])('takes "%s" for no token', (token) => {
    const flows = new FlowTable();
    flows.addUdp({
      address: { host: '127.0.0.1', port: 5060 },
      open: true,
      send: () => undefined,
      flowTo: () => makeFlow('x'),
    });
    expect(flows.find(token)).toBeUndefined();
  });
});

describe('addresses', () => {
  it('IPv4 behind an IPv6 socket is shown as itself, and sent to as the system wants it', () => {
    expect(unmapIpv4('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(unmapIpv4('::ffff:c000:201')).toBe('::ffff:c000:201');
    expect(unmapIpv4('2001:db8::1')).toBe('2001:db8::1');
    expect(mapIpv4('192.0.2.1')).toBe('::ffff:192.0.2.1');
    expect(mapIpv4('2001:db8::1')).toBe('2001:db8::1');
    expect(withoutZone('fe80::1%eth0')).toBe('fe80::1');
  });
});
