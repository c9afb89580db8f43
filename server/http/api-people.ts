import { z } from 'zod';
import { PersonName, PersonRole, TokenScope } from '../trust/person-role.ts';

const Password = z.string().max(1024);

/** POST /session: the code of a one-time link, or name and password. Answered with the session's cookie. */
export const SessionCreate = z.union([
  z.strictObject({ link: z.string().min(1).max(200) }),
  z.strictObject({ name: z.string().min(1).max(200), password: Password }),
]);

/** GET /session: who is signed in. */
export const SessionView = z.object({
  name: z.string(),
  role: PersonRole,
  /** Null: by a one-time link or the admin token. */
  personId: z.string().nullable(),
  /** True: nobody has an account yet; POST /people makes the first. */
  setUp: z.boolean(),
});

/** DELETE /session: where the browser signs out at the OpenID provider that began it; null: nowhere. */
export const SignedOut = z.object({ location: z.string().nullable() });

/** PUT /session/password: of whoever is signed in. Ends all his other sessions. */
export const PasswordChange = z.strictObject({ current: Password, password: Password });

/** An account. GET /people, GET /people/:id. */
export const PersonView = z.object({
  id: z.string(),
  name: z.string(),
  role: PersonRole,
  disabled: z.boolean(),
  hasPassword: z.boolean(),
  /** The OpenID provider that signs the person in, and what it calls him; null where none does. */
  issuer: z.string().nullable(),
  subject: z.string().nullable(),
  createdMs: z.int(),
  lastSignedInMs: z.int().nullable(),
});
export type PersonView = z.infer<typeof PersonView>;

/** What the OpenID provider calls somebody: the claim `sub`. */
const Subject = z
  .string()
  .max(255)
  .regex(/^[\x21-\x7e]+$/, 'what the provider sends as sub: no blanks, at most 255 characters');

/** POST /people. Without a password nobody signs in by one. */
export const PersonCreate = z.strictObject({
  name: PersonName,
  role: PersonRole,
  password: Password.optional(),
  /** Whoever the OpenID provider of the settings calls so signs in as this person. */
  subject: Subject.optional(),
});

/** PUT /people/:id. What is not named stays. */
export const PersonChange = z.strictObject({
  role: PersonRole.optional(),
  disabled: z.boolean().optional(),
  /** As in POST; null: the provider signs this person in no more. Both sign him out everywhere. */
  subject: Subject.nullable().optional(),
});

/** GET /sign-in: the ways to sign in beside name and password. Asked for before anybody is signed in. */
export const SignInWays = z.object({
  /** The OpenID provider; null: there is none. */
  oidc: z.object({ label: z.string() }).nullable(),
});

/** POST /sign-in/oidc: where the page is to go on afterwards, a path of the console with what is behind `#`. */
export const OidcBegin = z.strictObject({
  returnTo: z
    .string()
    .max(500)
    .regex(/^\/[\x21-\x5b\x5d-\x7e]*$/, 'a path of the console: /')
    .refine((text) => !/^\/(\/|api(\/|$))/i.test(text), 'a page of the console, not of the API')
    .default('/'),
});
/** Its answer: where the browser is to go now, at the provider. */
export const OidcBegun = z.object({ location: z.string() });

/** PUT /people/:id/password: by an administrator. Ends all sessions of that person. */
export const PasswordSet = z.strictObject({ password: Password });

/** A browser that is signed in. GET /sessions. */
export const OpenSessionView = z.object({
  id: z.string(),
  name: z.string(),
  personId: z.string().nullable(),
  address: z.string(),
  createdMs: z.int(),
  expiresMs: z.int(),
  lastUsedMs: z.int().nullable(),
  /** The one that asks. */
  current: z.boolean(),
});

/** An API token; what it is is told once, when it is made. GET /tokens. */
export const TokenView = z.object({
  id: z.string(),
  name: z.string(),
  personId: z.string().nullable(),
  role: PersonRole,
  scope: TokenScope.nullable(),
  createdMs: z.int(),
  expiresMs: z.int(),
  lastUsedMs: z.int().nullable(),
});
export type TokenView = z.infer<typeof TokenView>;

/** POST /tokens. */
export const TokenCreate = z.strictObject({
  name: PersonName,
  /** His own of who asks, if none is named. */
  role: PersonRole.optional(),
  scope: TokenScope.prefault({}),
  /** Days it is good for. */
  days: z.int().min(1).max(366).default(90),
});
/** Its answer: `token` is shown this once. */
export const TokenCreated = TokenView.extend({ token: z.string() });
