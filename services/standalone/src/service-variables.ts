import { authVariables } from '@rollcall/auth';
import { edgeVariables } from '@rollcall/edge';
import { locationVariables } from '@rollcall/location';
import { redirectVariables } from '@rollcall/redirect';
import { registrarVariables } from '@rollcall/registrar';

/** The variables of each service as a process of its own; for `rollcall config`. */
export const serviceVariables = {
  edge: edgeVariables,
  registrar: registrarVariables,
  auth: authVariables,
  location: locationVariables,
  redirect: redirectVariables,
} as const;
