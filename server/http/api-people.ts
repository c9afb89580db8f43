import { z } from 'zod';
import { PersonRole, TokenScope } from '../trust/person-role.ts';

/** A name of somebody: letters, digits, blanks and `. _ @ - '`. */
const PersonName = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[\p{L}\p{M}\p{N} ._@'-]+$/u, "letters, digits, blanks and . _ @ - '");
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

/** PUT /session/password: of whoever is signed in. Ends all his other sessions. */
export const PasswordChange = z.strictObject({ current: Password, password: Password });

/** An account. GET /people, GET /people/:id. */
export const PersonView = z.object({
  id: z.string(),
  name: z.string(),
  role: PersonRole,
  disabled: z.boolean(),
  hasPassword: z.boolean(),
  issuer: z.string().nullable(),
  createdMs: z.int(),
  lastSignedInMs: z.int().nullable(),
});
export type PersonView = z.infer<typeof PersonView>;

/** POST /people. Without a password nobody signs in by one. */
export const PersonCreate = z.strictObject({
  name: PersonName,
  role: PersonRole,
  password: Password.optional(),
});

/** PUT /people/:id. What is not named stays. */
export const PersonChange = z.strictObject({
  role: PersonRole.optional(),
  disabled: z.boolean().optional(),
});

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
