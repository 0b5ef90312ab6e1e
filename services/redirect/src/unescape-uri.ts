/** Decodes %HH escapes once (RFC 3261 §19.1.2); what is no escape stays as it is. */
export function unescapeUri(text: string): string {
  let at = text.indexOf('%');
  if (at < 0) return text;
  let plain = '';
  let from = 0;
  while (at >= 0) {
    const code = Number.parseInt(text.slice(at + 1, at + 3), 16);
    const isEscape = isHex(text, at + 1) && isHex(text, at + 2);
    plain += text.slice(from, at) + (isEscape ? String.fromCharCode(code) : '%');
    from = at + (isEscape ? 3 : 1);
    at = text.indexOf('%', from);
  }
  return plain + text.slice(from);
}

function isHex(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}
