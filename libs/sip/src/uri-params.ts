import { codeAt, lowerCase, semicolon } from './characters.ts';
import type { Param } from './cursor.ts';
import { parseError } from './errors.ts';
import { limits } from './limits.ts';

/** ";name[=value]…" of text[from, end), which begins with a semicolon; empty parameters are refused. */
export function readUriParams(text: string, from: number, end: number): readonly Param[] {
  const params: Param[] = [];
  let position = from;
  while (position < end) {
    if (codeAt(text, position) !== semicolon) throw parseError('SIP_ERR_URI', position);
    if (params.length === limits.params) throw parseError('SIP_ERR_PARAM_COUNT', position);
    const start = position + 1;
    const next = text.indexOf(';', start);
    position = next < 0 || next > end ? end : next;
    const equalsAt = text.indexOf('=', start);
    const nameEnd = equalsAt < 0 || equalsAt > position ? position : equalsAt;
    if (nameEnd === start) throw parseError('SIP_ERR_URI', start);
    params.push({
      name: lowerCase(text, start, nameEnd),
      value: nameEnd === position ? undefined : text.slice(nameEnd + 1, position),
    });
  }
  return params;
}
