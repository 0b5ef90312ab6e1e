import { isActive } from './contact-event.ts';
import type { WatchedContact } from './watched-contact.ts';
import { escapeXml } from './xml-text.ts';

/** The media type of {@link formatReginfo}. */
export const reginfoType = 'application/reginfo+xml';

/** What one NOTIFY tells (RFC 3680 §5.1). */
export interface Reginfo {
  /** Grows by one with each document of a subscription, from 0. */
  readonly version: number;
  /** True where the contacts are all that there are; false for those that changed. */
  readonly full: boolean;
  readonly aor: string;
  /** The same for the AOR in all documents. */
  readonly registrationId: string;
  readonly state: 'init' | 'active' | 'terminated';
  readonly contacts: readonly WatchedContact[];
}

/** The document, in characters; on the wire it is UTF-8. GRUUs are those of RFC 5628. */
export function formatReginfo(reginfo: Reginfo, nowMs: number): string {
  const { version, full, aor, registrationId, state, contacts } = reginfo;
  const hasGruu = contacts.some(({ publicGruu, temporaryGruu }) => publicGruu !== '' || temporaryGruu !== '');
  const gruuNamespace = hasGruu ? ' xmlns:gr="urn:ietf:params:xml:ns:gruuinfo"' : '';
  const registration = ` <registration aor="${escapeXml(aor)}" id="${escapeXml(registrationId)}" state="${state}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<reginfo xmlns="urn:ietf:params:xml:ns:reginfo"${gruuNamespace} version="${version}" state="${full ? 'full' : 'partial'}">`,
    ...(contacts.length === 0
      ? [`${registration}/>`]
      : [
          `${registration}>`,
          ...contacts.map((contact) => formatContact(contact, nowMs)),
          ' </registration>',
        ]),
    '</reginfo>',
    '',
  ].join('\r\n');
}

function formatContact(contact: WatchedContact, nowMs: number): string {
  const { id, event, qMilli, callId, cseq } = contact;
  const bound = isActive(event);
  const attributes = [
    `id="${escapeXml(id)}"`,
    `state="${bound ? 'active' : 'terminated'}"`,
    `event="${event}"`,
  ];
  if (bound) attributes.push(`expires="${Math.max(0, Math.ceil((contact.expiresAtMs - nowMs) / 1000))}"`);
  if (event === 'probation') attributes.push(`retry-after="${contact.retryAfterSec}"`);
  if (qMilli !== undefined) attributes.push(`q="${qMilli / 1000}"`);
  if (callId !== '') attributes.push(`callid="${escapeXml(callId)}"`, `cseq="${cseq}"`);
  return [
    `  <contact ${attributes.join(' ')}>`,
    `   <uri>${escapeXml(contact.uri)}</uri>`,
    ...formatParams(contact),
    ...formatGruus(contact),
    '  </contact>',
  ].join('\r\n');
}

/** Parameters that RFC 3261 does not define: the device and its flow (RFC 5626), then what else it said of itself. */
function formatParams({ instanceId, regId, params }: WatchedContact): string[] {
  const rows: string[] = [];
  if (instanceId !== '') rows.push(formatParam('+sip.instance', `"<${instanceId}>"`));
  if (regId > 0) rows.push(formatParam('reg-id', String(regId)));
  for (const { name, value } of splitParams(params)) rows.push(formatParam(name, value));
  return rows;
}

function formatParam(name: string, value: string): string {
  return `   <unknown-param name="${escapeXml(name)}">${escapeXml(value)}</unknown-param>`;
}

function formatGruus({ publicGruu, temporaryGruu, firstCseq }: WatchedContact): string[] {
  const rows: string[] = [];
  if (publicGruu !== '') rows.push(`   <gr:pub-gruu uri="${escapeXml(publicGruu)}"/>`);
  if (temporaryGruu !== '')
    rows.push(`   <gr:temp-gruu uri="${escapeXml(temporaryGruu)}" first-cseq="${firstCseq}"/>`);
  return rows;
}

/** Splits ";a;b=c" at the semicolons that no quoted value holds. Names are in lower case. */
function splitParams(params: string): { readonly name: string; readonly value: string }[] {
  const found: { name: string; value: string }[] = [];
  for (const [, name = '', value = ''] of params.matchAll(
    /;\s*([^;="\s]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^;"]*))?/gs,
  ))
    found.push({ name: name.toLowerCase(), value: value.trim() });
  return found;
}
