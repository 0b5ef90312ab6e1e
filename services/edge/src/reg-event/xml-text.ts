const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

const special = /[&<>"\t\n\r]/g;

/** What XML 1.0 §2.2 allows in no form: control characters, lone surrogates, U+FFFE and U+FFFF. */
const forbidden =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text as it stands in an element or, between quotation marks, in an attribute; U+FFFD for what XML cannot hold. */
export function escapeXml(text: string): string {
  return text.replace(forbidden, '\ufffd').replace(special, (char) => escapes[char] ?? char);
}
