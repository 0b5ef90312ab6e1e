/** A part of a JSON schema (draft-07). */
export type Schema = Record<string, unknown>;

export const text: Schema = { type: 'string' };
export const flag: Schema = { type: 'boolean' };
/** Kubernetes' own structures: its API server knows them better. */
export const anyMap: Schema = { type: 'object' };
export const anyList: Schema = { type: 'array' };
export const labels: Schema = { type: 'object', additionalProperties: { type: 'string' } };
export const port: Schema = { type: 'integer', minimum: 1, maximum: 65535 };
export const name63 = '^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$';
export const cidrs: Schema = {
  type: 'array',
  items: { type: 'string', pattern: '^[0-9a-fA-F.:]+/[0-9]{1,3}$' },
};
/** Of prefix 0 would be everybody. */
export const proxyNetwork: Schema = { type: 'string', pattern: '^[0-9a-fA-F.:]+(/[1-9][0-9]{0,2})?$' };
export const secretName: Schema = { type: 'string', pattern: '^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)?$' };
export const host = '(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)';
export const hostPort = `^${host}(:[0-9]{1,5})?$`;
export const secretKey: Schema = { type: 'string', pattern: '^[-._a-zA-Z0-9]+$' };

/** An object with these settings and no others. */
export function map(properties: Record<string, Schema>, required: string[] = []): Schema {
  return {
    type: 'object',
    additionalProperties: false,
    properties,
    ...(required.length > 0 ? { required } : {}),
  };
}

/** One of some texts. */
export function oneOf(...values: string[]): Schema {
  return { enum: values };
}

/** A whole number within bounds. */
export function whole(minimum: number, maximum: number): Schema {
  return { type: 'integer', minimum, maximum };
}
