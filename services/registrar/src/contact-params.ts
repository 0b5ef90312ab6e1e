import { keepContactParameters } from '@rollcall/sip';

/** Contact parameters that only a registrar gives out: a phone cannot suggest them (RFC 5627 §5.1, RFC 6140 §7.1.2.1). */
const ours: ReadonlySet<string> = new Set(['pub-gruu', 'temp-gruu', 'temp-gruu-cookie']);

/** Contact parameters, each with its leading semicolon, without those that only a registrar gives out. */
export function withoutGruuParams(params: string): string {
  if (!params.toLowerCase().includes('-gruu')) return params;
  return keepContactParameters(params, (name) => !ours.has(name));
}
