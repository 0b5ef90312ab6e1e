import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { formatReginfo, type Reginfo } from './reginfo-document.ts';
import type { WatchedContact } from './watched-contact.ts';

const nowMs = 1_790_000_000_000;

function contact(change: Partial<WatchedContact> = {}): WatchedContact {
  return {
    id: 'c1',
    event: 'registered',
    uri: 'sip:alice@192.0.2.1',
    params: '',
    expiresAtMs: nowMs + 59_500,
    qMilli: undefined,
    instanceId: '',
    regId: 0,
    callId: 'call@192.0.2.1',
    cseq: 7,
    publicGruu: '',
    temporaryGruu: '',
    firstCseq: 0,
    retryAfterSec: 0,
    ...change,
  };
}

function reginfo(change: Partial<Reginfo> = {}): Reginfo {
  const aor = 'sip:alice@example.com';
  return {
    version: 0,
    full: true,
    aor,
    registrationId: 'r1',
    state: 'active',
    contacts: [contact()],
    ...change,
  };
}

/** What the schema of RFC 3680 and RFC 5628 has against documents; it is read once for all of them. */
async function objections(documents: readonly string[]): Promise<readonly string[]> {
  const read = (name: string) => readFile(new URL(`../../test/${name}`, import.meta.url), 'utf8');
  const { errors } = await validateXML({
    xml: documents.map((contents, index) => ({ fileName: `document-${index}.xml`, contents })),
    schema: [{ fileName: 'reginfo.xsd', contents: await read('reginfo.xsd') }],
    preload: [{ fileName: 'gruuinfo.xsd', contents: await read('gruuinfo.xsd') }],
  });
  return errors.map(({ rawMessage }) => rawMessage);
}

it('RE1 RE6: says what a contact is, with its GRUUs', () => {
  const full = contact({
    qMilli: 500,
    params: ';audio;methods="INVITE,BYE;x";+sip.Mobility=mobile',
    instanceId: 'urn:uuid:1',
    regId: 2,
    publicGruu: 'sip:alice@example.com;gr=urn:uuid:1',
    temporaryGruu: 'sip:tgruu.x@example.com;gr',
    firstCseq: 3,
  });
  expect(formatReginfo(reginfo({ version: 4, contacts: [full] }), nowMs).split('\r\n')).toEqual([
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" xmlns:gr="urn:ietf:params:xml:ns:gruuinfo" version="4" state="full">',
    ' <registration aor="sip:alice@example.com" id="r1" state="active">',
    '  <contact id="c1" state="active" event="registered" expires="60" q="0.5" callid="call@192.0.2.1" cseq="7">',
    '   <uri>sip:alice@192.0.2.1</uri>',
    '   <unknown-param name="+sip.instance">&quot;&lt;urn:uuid:1&gt;&quot;</unknown-param>',
    '   <unknown-param name="reg-id">2</unknown-param>',
    '   <unknown-param name="audio"></unknown-param>',
    '   <unknown-param name="methods">&quot;INVITE,BYE;x&quot;</unknown-param>',
    '   <unknown-param name="+sip.mobility">mobile</unknown-param>',
    '   <gr:pub-gruu uri="sip:alice@example.com;gr=urn:uuid:1"/>',
    '   <gr:temp-gruu uri="sip:tgruu.x@example.com;gr" first-cseq="3"/>',
    '  </contact>',
    ' </registration>',
    '</reginfo>',
    '',
  ]);
});

it('RE4: each event has its state, and what it must say beside', async () => {
  const events = ['registered', 'created', 'refreshed', 'shortened'] as const;
  const ends = ['expired', 'deactivated', 'probation', 'unregistered', 'rejected'] as const;
  const contacts = [...events, ...ends].map((event) => contact({ id: event, event, retryAfterSec: 9 }));
  const document = formatReginfo(reginfo({ full: false, contacts }), nowMs);
  for (const event of events)
    expect(document).toMatch(new RegExp(`state="active" event="${event}" expires="60"`));
  for (const event of ends) expect(document).toMatch(new RegExp(`state="terminated" event="${event}"`));
  expect(document.match(/retry-after="9"/g)).toHaveLength(1);
  expect(document).toContain('event="probation" retry-after="9"');
  expect(
    await objections([document, formatReginfo(reginfo({ state: 'init', contacts: [] }), nowMs)]),
  ).toEqual([]);
});

it('is valid, whatever phones write', { timeout: 60_000 }, async () => {
  const text = fc.string({ unit: 'binary', maxLength: 30 });
  const contacts = fc.array(
    fc
      .record({
        uri: text,
        params: text.map((each) => `;x="${each}";${each}`),
        callId: text,
        instanceId: text,
        publicGruu: text,
      })
      .map((change) => contact(change)),
    { maxLength: 4 },
  );
  const documents = fc
    .sample(fc.record({ aor: text, contacts }), { numRuns: 60, seed: 3680 })
    .map(({ aor, contacts: some }) =>
      formatReginfo(
        reginfo({ aor, contacts: some.map((each, index) => ({ ...each, id: `c${index}` })) }),
        nowMs,
      ),
    );
  const wellFormed = documents.map((each) => each.replaceAll(/(<uri>|uri="|aor=")[^<"]*/g, '$1sip:x'));
  expect(await objections(wellFormed)).toEqual([]);
});

it('is held to a schema that can object', async () => {
  const good = formatReginfo(reginfo(), nowMs);
  const bad = [
    good.replace('state="full"', 'state="half"'),
    good.replace(' event="registered"', ''),
    good.replace('<uri>', '<url>').replace('</uri>', '</url>'),
    good.replace('sip:alice@192', 'sip:<alice@192'),
  ];
  for (const document of bad) expect(await objections([document]), document).not.toEqual([]);
});
