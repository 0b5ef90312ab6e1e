/**
 * One Contact row: the URI byte-exact in angle brackets (so that its own parameters stay its own), then the contact
 * parameters. `params` are further ones, each with its leading semicolon.
 */
export function formatContact(
  uri: string,
  qMilli: number | undefined,
  expiresSec: number,
  params: string,
): string {
  const q = qMilli === undefined ? '' : `;q=${formatQ(qMilli)}`;
  return `Contact: <${uri}>;expires=${expiresSec}${q}${params}\r\n`;
}

/** A qvalue of RFC 3261 section 25.1 from thousandths: "1", "0.5", "0.125". */
export function formatQ(milli: number): string {
  return milli >= 1000 ? '1' : milli <= 0 ? '0' : (milli / 1000).toString();
}
