import { describe, expect, it } from 'vitest';
import { formatBanner } from './banner.ts';

const facts = {
  version: '1.2.3',
  what: 'standalone, bindings in memory',
  sip: [
    { transport: 'udp', address: '0.0.0.0:5060' },
    { transport: 'tcp', address: '0.0.0.0:5060' },
  ],
  locationApi: '0.0.0.0:50053',
  http: [{ name: '', address: '0.0.0.0:8080' }],
  demo: true,
};

describe('formatBanner', () => {
  it('prints commands that need no option where everything is at its default', () => {
    const text = formatBanner(facts);
    expect(text).toContain('\n  npx rollcall register sip:alice@example.com --password wonderland\n');
    expect(text).toContain('\n  npx rollcall lookup sip:alice@example.com\n');
    expect(text).toContain('\n  npx rollcall invite sip:alice@example.com\n');
  });

  it('says where to go where it is not', () => {
    const text = formatBanner({
      ...facts,
      sip: [{ transport: 'tcp', address: '[::]:5070' }],
      locationApi: '10.0.0.1:6000',
    });
    expect(text).toContain('--server [::1]:5070 --transport tcp');
    expect(text).toContain('--location 10.0.0.1:6000');
  });

  it('does not pretend to know the subscribers of others', () => {
    const text = formatBanner({ ...facts, demo: false });
    expect(text).not.toContain('alice');
    expect(text).toContain('register sip:<user>@<domain> --password <password>');
  });
});
