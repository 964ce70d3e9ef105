import { field, type Made, string, struct } from '../types.ts';

/** Credentials for a registry: the body of SystemAuth, and what the header X-Registry-Auth holds in base64. */
export const AUTH_CONFIG = struct('AuthConfig', {
  username: field(string, 'the user'),
  password: field(string, 'the password', { secret: true }),
  auth: field(string, 'user and password, in base64', { secret: true }),
  email: field(string, "the user's e-mail address; read by no Engine since API 1.52"),
  serveraddress: field(string, 'the registry'),
  identitytoken: field(string, 'a token that stands for user and password', { secret: true }),
  registrytoken: field(string, 'a bearer token for the registry', { secret: true }),
});
export type AuthConfig = Made<typeof AUTH_CONFIG>;
