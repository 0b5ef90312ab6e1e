/**
 * 32 bits of a key, a byte string, that cannot be foreseen without the seed: nobody can choose keys that share a place.
 *
 * @param seed 32 random bits
 */
export function hashKey(key: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < key.length; at += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x9e3779b1);
    // Multiplication carries only upwards; bring high bits back down.
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca77);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** A seed. Nobody sees it or anything made of it, so that any source of chance will do. */
export function makeSeed(): number {
  return (Math.random() * 2 ** 32) | 0;
}
