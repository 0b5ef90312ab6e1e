import { findParam, parseAddress, type SipResponse, unquote } from '@rollcall/sip';
import { answerChallenge, SipAgent } from '@rollcall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { domain, formatSubscribers, makePhones, type Phone } from './src/phones.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';
import { type RunningTarget, targets } from './src/targets.ts';

const phones = makePhones('ext', 20);
const trunkNumbers = ['+12145550102', '+12145550103'];
const trunk = { aor: `sip:pbx@${domain}`, password: 'secret-of-pbx' };
const instanceId = 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6';

let taken = 0;
function takePhone(): Phone {
  const phone = phones[taken++ % phones.length];
  if (phone === undefined) throw new Error('no phones');
  return phone;
}

/** A parameter of the response's Contact value at `index`, unquoted. */
function contactParam(response: SipResponse, name: string, index = 0): string | undefined {
  const value = response.values('contact')[index];
  const param = value === undefined ? undefined : findParam(parseAddress(value).params, name);
  return param === undefined ? undefined : unquote(param);
}

/** URIs of the response's Contact values. */
function urisOf(response: SipResponse): string[] {
  return response.values('contact').map((value) => parseAddress(value).uri);
}

describe.each(targets)('what carriers’ phones and PBXs need of $name', ({ start }) => {
  let folder: ScratchFolder;
  let target: RunningTarget;

  beforeAll(async () => {
    folder = await makeScratchFolder();
    const numbers = trunkNumbers.map((number) => `"${number}"`).join(', ');
    const pbx = `- { username: pbx, domain: ${domain}, password: ${trunk.password}, numbers: [${numbers}] }\n`;
    const subscribers = await folder.write('subscribers.yaml', formatSubscribers(phones) + pbx);
    target = await start({
      AUTH_SUBSCRIBERS: `file:${subscribers}`,
      REGISTRAR_EXPIRES_JITTER: '0',
      REGISTRAR_MAX_CONTACTS: '2',
      REGISTRAR_MAX_CONTACTS_POLICY: 'replace-oldest',
      REGISTRAR_SERVICE_ROUTE: '<sip:out1.example.com;lr>, <sip:out2.example.com;lr>',
      REGISTRAR_P_ASSOCIATED_URI: 'true',
      REGISTRAR_GRUU_SECRETS: 'a-secret-of-temporary-gruus',
      REGISTRAR_PUSH_PROVIDERS: 'apns fcm',
    });
  });

  afterAll(async () => {
    await target?.stop();
    await folder?.remove();
  });

  const agentOf = () => new SipAgent({ transport: 'udp', server: target.sip });
  const invite = (agent: SipAgent, uri: string) => agent.request({ method: 'INVITE', uri });

  it('A9: credentials of a refused request serve nobody for another one', async () => {
    const { aor, user, password } = takePhone();
    await using agent = agentOf();
    const request = { method: 'REGISTER', uri: `sip:${domain}`, from: aor, to: aor };
    const challenged = await agent.request(request);
    const answer = { username: user, password, method: 'REGISTER', uri: request.uri };
    const authorization = `Authorization: ${answerChallenge(challenged, answer)}`;
    const brief = await agent.request({
      ...request,
      headers: [authorization, 'Contact: <sip:a@192.0.2.1>;expires=5'],
    });
    expect(brief.status).toBe(423);
    const stolen = await agent.request({
      ...request,
      headers: [authorization, 'Contact: <sip:thief@192.0.2.66>'],
    });
    expect(stolen.status).toBe(401);
    expect(stolen.row('www-authenticate')).toContain('stale=true');
    expect((await invite(agent, aor)).status).toBe(480);
  });

  it('SR1, IM1: 200 tells Service-Route and P-Associated-URI, a fetch too, and a refusal nothing', async () => {
    const { aor, password } = takePhone();
    await using agent = agentOf();
    for (const contact of ['<sip:a@192.0.2.1>', '']) {
      const answer = await agent.register({ aor, password, contact });
      expect(answer.status).toBe(200);
      expect(answer.values('service-route')).toEqual([
        '<sip:out1.example.com;lr>',
        '<sip:out2.example.com;lr>',
      ]);
      expect(answer.values('p-associated-uri')).toEqual([`<${aor}>`]);
    }
    const refused = await agent.register({ aor, password, contact: '<sip:a@192.0.2.1>;expires=1' });
    expect(refused.status).toBe(423);
    expect(refused.rows('service-route')).toEqual([]);
    const numbers = await agent.register({ ...trunk, contact: '' });
    expect(numbers.values('p-associated-uri')).toEqual([
      `<${trunk.aor}>`,
      ...trunkNumbers.map((number) => `<tel:${number}>`),
    ]);
  });

  it('R10.3-7m: beyond the limit the oldest contact goes', async () => {
    const { aor, password } = takePhone();
    await using agent = agentOf();
    for (const host of ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
      await agent.register({ aor, password, contact: `<sip:a@${host}>` });
    const left = await agent.register({ aor, password, contact: '' });
    expect(urisOf(left)).toEqual(['sip:a@192.0.2.2', 'sip:a@192.0.2.3']);
  });

  it('G1, G2, G3, G5, G7: GRUUs are given out, lead to their device, and end when they should', async () => {
    const { aor, password } = takePhone();
    await using agent = agentOf();
    const contact = `<sip:device@192.0.2.1>;+sip.instance="<${instanceId}>";pub-gruu="sip:evil@${domain};gr=1"`;
    const supported = ['Supported: gruu', 'Require: gruu'];
    const none = await agent.register({ aor, password, contact });
    expect([contactParam(none, 'pub-gruu'), contactParam(none, 'temp-gruu')]).toEqual([undefined, undefined]);

    const first = await agent.register({ aor, password, contact, headers: supported });
    const publicGruu = contactParam(first, 'pub-gruu') ?? '';
    const temporary = contactParam(first, 'temp-gruu') ?? '';
    expect(publicGruu).toBe(`${aor};gr=${instanceId}`);
    expect(temporary).toMatch(new RegExp(`^sip:tgruu\\.[\\w-]+@${domain};gr$`));
    expect(first.row('supported')).not.toContain('gruu');
    await agent.register({ aor, password, contact: '<sip:other@192.0.2.2>' });
    for (const gruu of [publicGruu, temporary]) {
      const answer = await invite(agent, gruu);
      expect([answer.status, urisOf(answer)]).toEqual([302, ['sip:device@192.0.2.1']]);
    }
    expect((await invite(agent, `${aor};gr=urn:uuid:unknown`)).status).toBe(404);
    expect((await invite(agent, temporary.replace('tgruu.', 'tgruu.A'))).status).toBe(404);

    const refreshed = await agent.register({ aor, password, contact, headers: supported });
    const second =
      contactParam(refreshed, 'temp-gruu', urisOf(refreshed).indexOf('sip:device@192.0.2.1')) ?? '';
    expect(second).not.toBe(temporary);
    expect((await invite(agent, temporary)).status).toBe(302);
    // Another Call-ID: the device has started anew.
    await agent.register({ aor, password, contact, headers: supported, callId: `${aor}-again` });
    for (const old of [temporary, second]) expect((await invite(agent, old)).status).toBe(404);
    await agent.register({ aor, password, contact: `${contact};expires=0` });
    expect((await invite(agent, publicGruu)).status).toBe(480);
    expect((await invite(agent, aor)).status).toBe(302);
  });

  it('GN1, GN2, GN3, GN5: one bulk contact serves all numbers of a trunk', async () => {
    await using agent = agentOf();
    const headers = ['Require: gin', 'Proxy-Require: gin', 'Supported: path, gruu'];
    const contact = `<sip:198.51.100.3:5060;transport=tcp;bnc>;+sip.instance="<${instanceId}>"`;
    for (const bad of ['<sip:+1@198.51.100.3;bnc>', '<sip:198.51.100.3;bnc;user=phone>'])
      expect((await agent.register({ ...trunk, contact: bad, headers })).status).toBe(400);
    const answer = await agent.register({ ...trunk, contact, headers });
    expect([answer.status, urisOf(answer)]).toEqual([200, ['sip:198.51.100.3:5060;transport=tcp;bnc']]);
    expect(contactParam(answer, 'pub-gruu')).toBe(`sip:${domain};bnc;gr=${instanceId}`);
    for (const number of trunkNumbers) {
      const expected = [`sip:${number}@198.51.100.3:5060;transport=tcp`];
      expect(urisOf(await invite(agent, `tel:${number}`))).toEqual(expected);
      expect(urisOf(await invite(agent, `sip:${number}@${domain};gr=${instanceId};sg=00:05`))).toEqual([
        `${expected[0]};sg=00:05`,
      ]);
    }
    const [number] = trunkNumbers;
    const single = { ...trunk, username: 'pbx', aor: `sip:${number}@${domain}`, callId: 'single' };
    expect((await agent.register({ ...single, contact: '*', expires: 0 })).status).toBe(200);
    expect((await invite(agent, `tel:${number}`)).status).toBe(302);
    await agent.register({ ...single, contact: '<sip:desk@192.0.2.7>;q=0.1' });
    expect(urisOf(await invite(agent, `tel:${number}`))).toHaveLength(2);
    expect(urisOf(await invite(agent, `tel:${trunkNumbers[1]}`))).toHaveLength(1);
  });

  it('PN1, PN2, PN3, PN4, PN6: push parameters', async () => {
    const { aor, password } = takePhone();
    await using agent = agentOf();
    const pushed = (host: string, prid: string, provider = 'apns') =>
      `<sip:a@${host};pn-provider=${provider};pn-prid=${prid};pn-param=app>;+sip.instance="<${instanceId}>"`;
    const unknown = await agent.register({ aor, password, contact: pushed('192.0.2.1', 'x', 'xyz') });
    expect([unknown.status, unknown.reasonPhrase]).toEqual([555, 'Push Notification Service Not Supported']);
    const query = await agent.register({
      aor,
      password,
      contact: '<sip:a@192.0.2.9;pn-provider>;expires=60',
    });
    expect(query.rows('feature-caps')).toEqual(['*;+sip.pns="apns"', '*;+sip.pns="fcm"']);
    await agent.register({ aor, password, contact: '*', expires: 0 });

    const first = await agent.register({ aor, password, contact: pushed('192.0.2.1', 'x') });
    expect(first.rows('feature-caps')).toEqual(['*;+sip.pns="apns"']);
    expect(urisOf(first)).toEqual(['sip:a@192.0.2.1;pn-provider=apns;pn-prid=x;pn-param=app']);
    for (const contact of [pushed('192.0.2.2', 'x'), pushed('192.0.2.2', 'y')])
      expect((await agent.register({ aor, password, contact })).values('contact')).toHaveLength(1);
    expect(urisOf(await invite(agent, aor))).toEqual(['sip:a@192.0.2.2']);
  });

  it('R10.3-5g, G6: sips, and contacts that lead in circles', async () => {
    const { user, aor, password } = takePhone();
    await using agent = agentOf();
    const secure = { aor: `sips:${user}@${domain}`, password };
    expect((await agent.register({ ...secure, contact: '<sip:a@192.0.2.1>' })).status).toBe(403);
    expect((await agent.register({ ...secure, contact: '<sips:a@192.0.2.1>' })).status).toBe(200);
    expect(urisOf(await agent.register({ aor, password, contact: '' }))).toEqual(['sips:a@192.0.2.1']);
    const instance = `+sip.instance="<${instanceId}>"`;
    for (const uri of [aor, `${aor};gr=${instanceId}`, 'tel:+15551234'])
      expect((await agent.register({ aor, password, contact: `<${uri}>;${instance}` })).status).toBe(403);
  });

  it('CP1, CP2, CP3: capabilities are kept and told, and go with the next refresh', async () => {
    const { aor, password } = takePhone();
    await using agent = agentOf();
    const params = ';audio;methods="INVITE,BYE";+sip.foo="<a;b>"';
    const headers = ['Require: pref'];
    const told = await agent.register({ aor, password, contact: `<sip:a@192.0.2.1>${params}`, headers });
    expect(told.row('contact')).toContain(params);
    const refreshed = await agent.register({ aor, password, contact: '<sip:a@192.0.2.1>' });
    expect(refreshed.row('contact')).not.toContain('audio');
  });

  it('IM3, IM4: P-headers of phones are neither believed nor sent back', async () => {
    const [owner, other] = [takePhone(), takePhone()];
    await using agent = agentOf();
    const headers = [
      `P-Asserted-Identity: <${owner.aor}>`,
      `P-Preferred-Identity: <${owner.aor}>`,
      'P-Access-Network-Info: 3GPP-E-UTRAN',
      'P-Visited-Network-ID: "elsewhere"',
      'P-Charging-Vector: icid-value=1',
    ];
    const { user: username, password } = other;
    const asserted = await agent.register({ aor: owner.aor, username, password, headers });
    expect(asserted.status).toBe(403);
    const own = await agent.register({ aor: other.aor, password, headers });
    expect(own.status).toBe(200);
    for (const name of [
      'p-asserted-identity',
      'p-access-network-info',
      'p-visited-network-id',
      'p-charging-vector',
    ])
      expect(own.rows(name), name).toEqual([]);
    expect(own.values('p-associated-uri')).toEqual([`<${other.aor}>`]);
  });

  it('IM5: empty credentials are a first REGISTER: 401', async () => {
    const { aor, user } = takePhone();
    await using agent = agentOf();
    const empty = `Digest username="${user}@private", realm="${domain}", nonce="", uri="sip:${domain}", response=""`;
    const request = { method: 'REGISTER', uri: `sip:${domain}`, from: aor, to: aor };
    const answer = await agent.request({ ...request, headers: [`Authorization: ${empty}`] });
    expect(answer.status).toBe(401);
    expect(answer.row('www-authenticate')).toContain('nonce="');
  });

  it('O4, GN4: OPTIONS lists what may be required', async () => {
    await using agent = agentOf();
    const answer = await agent.request({ method: 'OPTIONS', uri: `sip:${domain}` });
    expect(answer.row('supported')?.split(', ')).toEqual(expect.arrayContaining(['path', 'gruu', 'gin']));
  });
});
