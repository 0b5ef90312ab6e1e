/** A NAPTR record (RFC 3403 §4.1), as far as RFC 3263 needs it. */
export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  /** For example "SIP+D2U". */
  readonly service: string;
  readonly replacement: string;
}

/** An SRV record (RFC 2782). */
export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly name: string;
}

/**
 * Questions to the DNS. A name without such records has none: [] and no error. What cannot be answered in time is thrown.
 */
export interface ServerRecords {
  naptr(name: string): Promise<readonly NaptrRecord[]>;
  srv(name: string): Promise<readonly SrvRecord[]>;
  /** IPv4 and IPv6 addresses as literals, in the order in which to try them. */
  addresses(name: string): Promise<readonly string[]>;
}

/** In the order of NAPTR records: order first, then preference (RFC 3403 §4.1). */
export function inNaptrOrder(records: readonly NaptrRecord[]): NaptrRecord[] {
  return [...records].sort((a, b) => a.order - b.order || a.preference - b.preference);
}

/**
 * In the order in which a client tries them (RFC 2782): lower priority first; among equals drawn by weight, those of weight 0
 * with a very small chance. `random` gives 0 up to 1.
 */
export function inSrvOrder(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const ordered: SrvRecord[] = [];
  for (const priority of [...new Set(records.map((record) => record.priority))].sort((a, b) => a - b)) {
    // Weight 0 stands first, so that a draw of 0 can take it.
    const left = records
      .filter((record) => record.priority === priority)
      .sort((a, b) => Number(a.weight !== 0) - Number(b.weight !== 0));
    while (left.length > 0) ordered.push(...left.splice(drawByWeight(left, random), 1));
  }
  return ordered;
}

function drawByWeight(records: readonly SrvRecord[], random: () => number): number {
  const sum = records.reduce((total, record) => total + record.weight, 0);
  const drawn = Math.floor(random() * (sum + 1));
  let running = 0;
  return records.findIndex((record) => {
    running += record.weight;
    return running >= drawn;
  });
}
