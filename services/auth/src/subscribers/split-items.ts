/** A part of the file that can be read by itself. */
export interface FilePart {
  /** The line in the file of the part's first line, from 1. */
  readonly line: number;
  readonly text: string;
}

/** An anchor or an alias, or a text that looks like one. */
const anchorOrAlias = /(^|[\s[{,:])[&*]\S/m;

/**
 * Splits a block sequence at its items: in YAML nothing but the next item of a sequence at the left margin can begin
 * with "-" there. Text of any other form, or with anchors, which reach across items, is returned as one part.
 */
export function splitItems(text: string): FilePart[] {
  const whole = [{ line: 1, text }];
  if (anchorOrAlias.test(text)) return whole;
  const parts: FilePart[] = [];
  let line = 0;
  let partLine = 0;
  let partAt = -1;
  for (let at = 0; at < text.length; ) {
    line += 1;
    const end = text.indexOf('\n', at) + 1 || text.length;
    const start = startOf(text, at);
    if (start === 'item') {
      if (partAt >= 0) parts.push({ line: partLine, text: text.slice(partAt, at) });
      partAt = at;
      partLine = line;
    } else if (start === 'other' || (start === 'inside' && partAt < 0)) {
      return whole;
    }
    at = end;
  }
  if (partAt < 0) return whole;
  parts.push({ line: partLine, text: text.slice(partAt) });
  return parts;
}

function startOf(text: string, at: number): 'item' | 'inside' | 'nothing' | 'other' {
  switch (text.charAt(at)) {
    case '-':
      return ' \r\n'.includes(text.charAt(at + 1)) ? 'item' : 'other';
    case ' ':
      return 'inside';
    case '#':
    case '\r':
    case '\n':
      return 'nothing';
    default:
      return 'other';
  }
}
