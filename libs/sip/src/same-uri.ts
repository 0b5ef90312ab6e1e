import { lowerCase } from './characters.ts';
import { findParam, type Param } from './cursor.ts';
import { SipParseError } from './errors.ts';
import { longHeaderName } from './header-names.ts';
import { canonicalHost } from './ip-address.ts';
import type { TelUri } from './tel-uri.ts';
import { parseUri, type SipUri, type Uri } from './uri.ts';
import { normaliseEscapes } from './uri-escapes.ts';

/**
 * Whether two URIs are equal: RFC 3261 §19.1.4 with RFC 5954 §4.2 for sip and sips, RFC 3966 §4 for tel, identical text
 * for others and for what is no URI. Symmetric and reflexive, but by the RFC's rule on parameters that only one URI has,
 * not transitive: "sip:a@h" equals both "sip:a@h;x=1" and "sip:a@h;x=2". Never throws.
 */
export function sameUri(a: string, b: string): boolean {
  if (a === b) return true;
  const first = tryParse(a);
  const second = tryParse(b);
  if (first === undefined || second === undefined) return false;
  return sameParsedUri(first, second);
}

/** sameUri for URIs already read. */
export function sameParsedUri(a: Uri, b: Uri): boolean {
  if (a.kind === 'sip') return b.kind === 'sip' && sameSipUri(a, b);
  if (a.kind === 'tel') return b.kind === 'tel' && sameTelUri(a, b);
  return b.kind === 'other' && a.scheme === b.scheme && a.rest === b.rest;
}

function tryParse(text: string): Uri | undefined {
  try {
    return parseUri(text);
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}

function sameSipUri(a: SipUri, b: SipUri): boolean {
  return (
    a.scheme === b.scheme &&
    a.port === b.port &&
    sameUserPart(a.user, b.user) &&
    sameUserPart(a.password, b.password) &&
    sameHost(a.host, b.host) &&
    paramsAgree(a.params, b.params) &&
    paramsAgree(b.params, a.params) &&
    sameHeaders(a.headers, b.headers)
  );
}

/** User and password are the parts where case matters. */
function sameUserPart(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || normaliseEscapes(a) === normaliseEscapes(b);
}

function sameHost(a: string, b: string): boolean {
  return a === b || canonicalHost(a) === canonicalHost(b);
}

/**
 * Parameters that make URIs unequal when only one has them. The bullets of §19.1.4 name user, ttl, method and maddr;
 * that a transport given is not the default transport is said by the rule on defaults and shown by its examples.
 */
const tellingParams: ReadonlySet<string> = new Set(['user', 'ttl', 'method', 'maddr', 'transport']);

/** Each parameter of `a` against `b`. The first of a name counts: §19.1.1 allows a name once only. */
function paramsAgree(a: readonly Param[], b: readonly Param[]): boolean {
  for (const param of a) {
    const name = normaliseName(param.name);
    const value = findNormalised(a, name) ?? '';
    const other = findNormalised(b, name);
    if (other === undefined) {
      if (tellingParams.has(name)) return false;
    } else if (other !== value && normaliseValue(other, name) !== normaliseValue(value, name)) return false;
  }
  return true;
}

function findNormalised(params: readonly Param[], name: string): string | undefined {
  for (const param of params) {
    if (normaliseName(param.name) === name) return param.value ?? '';
  }
  return undefined;
}

function normaliseName(name: string): string {
  return name.includes('%') ? lower(normaliseEscapes(name)) : name;
}

function lower(text: string): string {
  return lowerCase(text, 0, text.length);
}

function normaliseValue(value: string, name: string): string {
  const normal = lower(normaliseEscapes(value));
  return name === 'maddr' ? canonicalHost(normal) : normal;
}

/** The headers component is never ignored; the order of headers does not matter. */
function sameHeaders(a: string, b: string): boolean {
  if (a === b) return true;
  if (a === '' || b === '') return false;
  const first = normaliseHeaders(a);
  const second = normaliseHeaders(b);
  return first.length === second.length && first.every((header, index) => header === second[index]);
}

/** Names are compared in any case, and the compact form of one is the same name (§7.3.3). Values are compared exactly: what the case of one means, its own grammar decides. */
function normaliseHeaders(headers: string): string[] {
  return headers
    .split('&')
    .map((header) => {
      const equalsAt = header.indexOf('=');
      const nameEnd = equalsAt < 0 ? header.length : equalsAt;
      return (
        longHeaderName(normaliseEscapes(header.slice(0, nameEnd))) + normaliseEscapes(header.slice(nameEnd))
      );
    })
    .sort();
}

/** RFC 3966 §4: digits without visual separators; parameters in any order and case, all of them on both sides. */
function sameTelUri(a: TelUri, b: TelUri): boolean {
  return a.digits === b.digits && telParamsAgree(a.params, b.params) && telParamsAgree(b.params, a.params);
}

function telParamsAgree(a: readonly Param[], b: readonly Param[]): boolean {
  return a.every((param) => {
    const other = findParam(b, param.name);
    return other !== undefined && lower(other) === lower(param.value ?? '');
  });
}
