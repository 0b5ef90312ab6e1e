/**
 * The option tags that a REGISTER may require of us (RFC 3261 §8.2.2.3): path (RFC 3327), outbound (RFC 5626), and
 * pref (RFC 3840 §6: whoever stores and returns feature parameters).
 */
export const supportedOptionTags: readonly string[] = ['path', 'outbound', 'pref'];

/** The tags of a Require header that are not supported, as sent: what the Unsupported header of a 420 says. */
export function findUnsupportedTags(require: readonly string[]): readonly string[] {
  return require.length === 0
    ? require
    : require.filter((tag) => !supportedOptionTags.includes(tag.toLowerCase()));
}
