import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectStatus, expectTrue } from '../expectations.ts';
import { lookUp } from '../looking-up.ts';
import { contactsOf, fetchContacts, register, registered, urisOf } from '../registering.ts';

const instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"';
const features = [
  'audio',
  'video',
  'methods="INVITE,BYE"',
  '+sip.message="TRUE"',
  'mobility="fixed"',
  instance,
];
const uri = 'sip:phone@192.0.2.1';

export const cases: readonly ConformanceCase[] = [
  {
    row: 'CP1',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: `<${uri}>;${features.join(';')}` });
      const [contact = ''] = await fetchContacts(agent, user);
      const returned = contact.slice(contact.indexOf('>') + 1).split(';');
      for (const feature of features) expectTrue(returned.includes(feature), `${feature} in ${contact}`);
      const [binding] = await lookUp(target, user.aor);
      expectEqual(binding?.methods, ['INVITE', 'BYE'], 'methods by gRPC');
    },
  },
  {
    row: 'CP2',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await registered(agent, user, {
        contact: `<${uri}>;audio;video`,
        headers: ['Require: pref'],
      });
      expectEqual(contactsOf(answer)[0]?.otherParams, ';audio;video', 'parameters returned');
    },
  },
  {
    row: 'CP3',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: `<${uri}>;${features.join(';')}` });
      const answer = await registered(agent, user, { contact: `<${uri}>` });
      const [contact] = contactsOf(answer);
      expectEqual([contact?.otherParams, contact?.instanceId], ['', ''], 'parameters after a refresh');
    },
  },
  {
    row: 'CP4',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const [camera, desk] = ['sip:camera@192.0.2.1', 'sip:desk@192.0.2.2'];
      await registered(agent, user, { contact: `<${camera}>;audio;video, <${desk}>;audio;video="FALSE"` });
      const call = (preference: string) =>
        agent.request({ method: 'INVITE', uri: user.aor, headers: [preference] });
      const [wanting, rejecting] = [
        await call('Accept-Contact: *;video;require;explicit'),
        await call('Reject-Contact: *;video'),
      ];
      expectStatus(wanting, 302);
      expectEqual(urisOf(wanting), [camera], 'contacts for who needs video');
      expectStatus(rejecting, 302);
      expectEqual(urisOf(rejecting), [desk], 'contacts for who rejects video');
      expectStatus(await call('Accept-Contact: *;isfocus;require;explicit'), 480);
      // A wish that a contact contradicts does not count for it, and one that it fulfils by half counts half (§7.2.4).
      const [exact, vague] = ['sip:exact@192.0.2.3', 'sip:vague@192.0.2.4'];
      const other = target.freshUser();
      await registered(agent, other, {
        contact: `<${exact}>;audio;class="personal", <${vague}>;audio;methods="BYE"`,
      });
      const wishes = ['a: *;audio, *;class="business";methods="BYE"'];
      const ordered = await agent.request({ method: 'INVITE', uri: other.aor, headers: wishes });
      expectEqual(urisOf(ordered), [exact, vague], 'order by two wishes');
    },
  },
  {
    row: 'CP5',
    title: 'redirect, and what cannot be honoured',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: `<${uri}>` });
      for (const wish of ['redirect', 'proxy, parallel']) {
        const headers = [`Request-Disposition: ${wish}`];
        expectStatus(await agent.request({ method: 'INVITE', uri: user.aor, headers }), 302);
      }
    },
  },
  {
    row: 'FC1',
    title: 'on the way in',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await register(agent, user, {
        contact: `<${uri}>;audio`,
        headers: ['Feature-Caps: *;+g.3gpp.registration-token="x"'],
      });
      expectStatus(answer, 200);
      expectEqual(contactsOf(answer)[0]?.otherParams, ';audio', 'parameters of the contact');
    },
  },
];
