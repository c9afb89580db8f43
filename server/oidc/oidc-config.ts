import { z } from 'zod';
import { PersonRole } from '../trust/person-role.ts';

/**
 * Algorithms of signatures that an ID token may have: asymmetric ones alone. `none` and those by a shared
 * secret (HS256) cannot be allowed: a public key that is taken for such a secret signs anything.
 */
const SignatureAlgorithm = z.enum([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]);

const groups = (role: PersonRole) =>
  z
    .array(z.string().min(1).max(256))
    .max(200)
    .default([])
    .describe(`Groups of the provider whose members are ${role}.`);

/** An `https` address as it is compared: without account, query and fragment. */
const HttpsUrl = z
  .string()
  .max(2000)
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, username, password, search, hash } = new URL(text);
    return protocol === 'https:' && [username, password, search, hash].every((part) => part === '');
  }, 'an address that begins with https://, without account, query and fragment');

/**
 * The OpenID provider that people sign in by (OpenID Connect Core 1.0). Off as long as there is no issuer.
 * There is no setting that allows plain HTTP: what is read there could be anybody's (RFC 8414, section 6.1).
 */
export const OidcConfig = z
  .strictObject({
    issuer: HttpsUrl.nullable()
      .default(null)
      .describe(
        'Issuer of the OpenID provider, as it calls itself: https://…; null: nobody signs in by one.',
      ),
    clientId: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('Client id that the provider has given this site.'),
    clientSecret: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('Client secret; null: of a file, or none where the provider asks for none.')
      .meta({ secret: true }),
    clientSecretFile: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('File with the client secret, in the place of clientSecret.'),
    consoleUrl: HttpsUrl.nullable()
      .default(null)
      .describe(
        'Address at which browsers reach the console, https://deploy.example:7400; the provider is told the redirect URI <consoleUrl>/api/v1/sign-in/oidc/callback.',
      ),
    caFile: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('PEM file with the CA of the provider; null: those that Node trusts.'),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'a scope has no blanks'))
      .max(50)
      .default(['openid', 'profile'])
      .describe('Scopes to ask for; openid is always among them.'),
    nameClaim: z
      .string()
      .min(1)
      .default('preferred_username')
      .describe('Claim that names a new account.'),
    groupsClaim: z
      .string()
      .min(1)
      .default('groups')
      .describe('Claim with the groups that somebody is in: a list of texts.'),
    roles: z
      .strictObject({
        administrator: groups('administrator'),
        author: groups('author'),
        operator: groups('operator'),
        auditor: groups('auditor'),
      })
      .prefault({})
      .describe('Roles by groups; all empty: roles are given here, not by the provider.'),
    defaultRole: PersonRole.nullable()
      .default(null)
      .describe('Role of somebody who is in none of these groups; null: he is refused.'),
    newPeople: z
      .enum(['make', 'refuse'])
      .default('make')
      .describe('Whether somebody without an account here gets one at his first sign-in.'),
    signOut: z
      .enum(['provider', 'here'])
      .default('provider')
      .describe(
        'Where somebody whom the provider has signed in signs out: at the provider too, where it has a place for it (RP-initiated logout), or here alone.',
      ),
    timeoutSeconds: z
      .int()
      .min(1)
      .max(60)
      .default(10)
      .describe('Seconds that the provider has for each answer.'),
    label: z
      .string()
      .trim()
      .min(1)
      .max(60)
      .default('Sign in with your organisation')
      .describe('Text of the button on the sign-in page.'),
    algorithms: z
      .array(SignatureAlgorithm)
      .min(1)
      .default(['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'])
      .describe('Algorithms of the signatures of ID tokens that are taken.'),
  })
  .check(({ value, issues }) => {
    const wrong = (path: string, message: string) =>
      issues.push({ code: 'custom', input: value, path: [path], message });
    if (value.clientSecret !== null && value.clientSecretFile !== null)
      wrong('clientSecretFile', 'clientSecret or clientSecretFile, not both');
    if (value.issuer === null) return;
    if (value.clientId === null) wrong('clientId', 'is needed where there is an issuer');
    if (value.consoleUrl === null) wrong('consoleUrl', 'is needed where there is an issuer');
    else if (new URL(value.consoleUrl).pathname !== '/')
      wrong('consoleUrl', 'the console is at the root of its address: leave the path out');
    if (value.newPeople === 'make' && value.defaultRole === null && !mapsRoles(value))
      wrong('roles', 'new people would get no role: name groups here, or a defaultRole');
  })
  .prefault({})
  .describe('People who sign in by an OpenID provider.');
export type OidcConfig = z.infer<typeof OidcConfig>;

/** Whether the provider's groups give roles; else they are given here. */
export function mapsRoles({ roles }: Pick<OidcConfig, 'roles'>): boolean {
  return Object.values(roles).some((each) => each.length > 0);
}
