/** Globally Routable User Agent URIs (RFC 5627): how they are made and read. */
export { gruuSecretsForm, readGruuSecrets } from './gruu-secrets.ts';
export { instanceKeyOf } from './instance-key.ts';
export { formatBulkGruu, formatPublicGruu, isInstanceId } from './public-gruu.ts';
export { isTemporary, type OpenedGruu, TemporaryGruus } from './temporary-gruus.ts';
