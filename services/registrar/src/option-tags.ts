/**
 * The option tags that a REGISTER may require of us (RFC 3261 §8.2.2.3): path (RFC 3327), outbound (RFC 5626), pref
 * (RFC 3840 §6: whoever stores and returns feature parameters), gin (RFC 6140) and gruu (RFC 5627).
 */
const understoodTags: readonly string[] = ['path', 'outbound', 'pref', 'gin', 'gruu'];

/** Those that a 200 tells: gruu should not be among them (RFC 5627 §5.2). */
export const supportedOptionTags: readonly string[] = understoodTags.filter((tag) => tag !== 'gruu');

/** The tags of a Require header that are not supported, as sent: what the Unsupported header of a 420 says. */
export function findUnsupportedTags(require: readonly string[]): readonly string[] {
  return require.length === 0
    ? require
    : require.filter((tag) => !understoodTags.includes(tag.toLowerCase()));
}
