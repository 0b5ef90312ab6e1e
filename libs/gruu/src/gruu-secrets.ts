const minLength = 16;

/** What the setting of the secrets may hold, as the end of "must be …". */
export const gruuSecretsForm = `secrets of at least ${minLength} characters each, between spaces`;

/** Secrets between spaces; undefined where one is too short. */
export function readGruuSecrets(text: string): readonly string[] | undefined {
  const secrets = text.split(/\s+/).filter((secret) => secret !== '');
  return secrets.every((secret) => secret.length >= minLength) ? secrets : undefined;
}
