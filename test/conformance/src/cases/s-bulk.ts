import type { SipAgent } from '@rollcall/testkit';
import type { ConformanceCase, ConformanceTarget } from '../conformance-case.ts';
import { expectEqual, expectStatus } from '../expectations.ts';
import { register, registered, urisOf } from '../registering.ts';
import { domain, type TestUser } from '../test-users.ts';

const numbers = ['+12145550101', '+12145550102', '+12145550103'];
const pbx: TestUser = { username: 'pbx', password: 'trunk-password', aor: `sip:pbx@${domain}` };
const subscribers = `- { username: ${pbx.username}, domain: ${domain}, password: ${pbx.password}, numbers: [${numbers.join(', ')}] }\n`;
const bulk = '<sip:192.0.2.1:5070;bnc;newparam=5>';
const gin = ['Require: gin', 'Proxy-Require: gin', 'Supported: path'];

async function callTo(agent: SipAgent, uri: string): Promise<readonly string[]> {
  const answer = await agent.request({ method: 'INVITE', uri });
  expectStatus(answer, 302);
  return urisOf(answer);
}

function withTrunk(row: string, run: (target: ConformanceTarget) => Promise<void>): ConformanceCase {
  return { row, slow: true, run: async (target) => run(await target.startOwn({ subscribers })) };
}

export const cases: readonly ConformanceCase[] = [
  withTrunk('GN1', async (target) => {
    const agent = target.agent();
    await registered(agent, pbx, { contact: bulk, headers: gin });
    for (const number of numbers) {
      const contact = `sip:${number}@192.0.2.1:5070;newparam=5`;
      for (const uri of [`tel:${number}`, `sip:${number}@${domain};user=phone`])
        expectEqual(await callTo(agent, uri), [contact], `contacts for ${uri}`);
    }
  }),
  withTrunk('GN2', async (target) => {
    const agent = target.agent();
    for (const uri of ['sip:somebody@192.0.2.1;bnc', 'sip:192.0.2.1;bnc;user=phone'])
      expectStatus(await register(agent, pbx, { contact: `<${uri}>`, headers: gin }), 400);
    expectEqual(urisOf(await registered(agent, pbx, { contact: '' })), [], 'bindings');
  }),
  withTrunk('GN3', async (target) => {
    const agent = target.agent();
    const [first = '', second = ''] = numbers;
    await registered(agent, pbx, { contact: bulk, headers: gin });
    const one = { ...pbx, aor: `sip:${first}@${domain}` };
    await registered(agent, one, { contact: '<sip:desk@192.0.2.9>' });
    expectEqual(
      await callTo(agent, `tel:${second}`),
      [`sip:${second}@192.0.2.1:5070;newparam=5`],
      'the other number',
    );
    await registered(agent, one, { contact: '*', headers: ['Expires: 0'] });
    expectEqual(
      await callTo(agent, `tel:${first}`),
      [`sip:${first}@192.0.2.1:5070;newparam=5`],
      'the number after its own registration was removed',
    );
  }),
  withTrunk('GN5', async (target) => {
    const agent = target.agent();
    const instance = 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6';
    await registered(agent, pbx, {
      contact: `${bulk};+sip.instance="<${instance}>"`,
      headers: [...gin, 'Supported: gruu'],
    });
    const [number = ''] = numbers;
    const [contact = ''] = await callTo(agent, `sip:${number}@${domain};gr=${instance};sg=00:05:03:5e:70:a6`);
    expectEqual(contact.includes(';sg=00:05:03:5e:70:a6'), true, `sg of the GRUU in ${contact}`);
  }),
];
