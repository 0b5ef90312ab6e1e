import { describe, expect, it } from 'vitest';
import { AuthServiceService } from './gen/rollcall/auth/v1/auth_service.ts';
import { BindingServiceService } from './gen/rollcall/location/internal/v1/binding_service.ts';
import { LocationServiceService } from './gen/rollcall/location/v1/location_service.ts';
import { RedirectServiceService } from './gen/rollcall/redirect/v1/redirect_service.ts';
import { RegistrarServiceService } from './gen/rollcall/registrar/v1/registrar_service.ts';
import { pathOf } from './methods.ts';
import type { MethodName } from './observer.ts';
import {
  authMethods,
  bindingMethods,
  locationMethods,
  redirectMethods,
  registrarMethods,
} from './service-methods.ts';

interface GeneratedMethod {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

describe.each<[string, Record<string, MethodName>, Record<string, GeneratedMethod>]>([
  ['auth', authMethods, AuthServiceService],
  ['binding', bindingMethods, BindingServiceService],
  ['location', locationMethods, LocationServiceService],
  ['redirect', redirectMethods, RedirectServiceService],
  ['registrar', registrarMethods, RegistrarServiceService],
])('methods of %s', (_name, ours, generated) => {
  it('are those of the contract', () => {
    const described = Object.entries(ours).map(([key, method]) => [
      key,
      {
        path: pathOf(method),
        requestStream: method.type === 'bidi_stream',
        responseStream: method.type !== 'unary',
      },
    ]);
    const contract = Object.entries(generated).map(([key, { path, requestStream, responseStream }]) => [
      key,
      { path, requestStream, responseStream },
    ]);
    expect(Object.fromEntries(described)).toEqual(Object.fromEntries(contract));
  });
});
