import { z } from 'zod';
import { ReleaseLevel, SiteAccountKind } from '../inventory/site-account.ts';

/** A name of an account of the site: it stands behind `account:` in a step. */
const AccountName = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u, 'letters, digits, blanks and . _ -');
const User = z.string().trim().min(1).max(512);
/** As the step's own: Windows takes no longer one. */
const AccountPassword = z.string().min(1).max(256);
const Position = z.int().min(0).max(1000);

/** An account of the site; its password stands in no answer. GET /accounts, GET /accounts/:id. */
export const SiteAccountView = z.object({
  id: z.string(),
  name: z.string(),
  kind: SiteAccountKind,
  user: z.string(),
  position: z.int(),
  changedMs: z.int(),
});
export type SiteAccountView = z.infer<typeof SiteAccountView>;

/** POST /accounts. */
export const SiteAccountCreate = z.strictObject({
  name: AccountName,
  kind: SiteAccountKind,
  user: User,
  password: AccountPassword,
  position: Position.default(0),
});

/** PUT /accounts/:id. What is not named stays. */
export const SiteAccountChange = z.strictObject({
  name: AccountName.optional(),
  kind: SiteAccountKind.optional(),
  user: User.optional(),
  password: AccountPassword.optional(),
  position: Position.optional(),
});

/** GET and PUT /deployments/:id/secrets: how sure a machine must be for the secrets of its steps. */
export const DeploymentSecrets = z.strictObject({ releaseSecretsAt: ReleaseLevel });

/** GET /account-cases: what needs an account still, and whether it has what it needs. */
export const AccountCaseView = z.object({
  case: z.string(),
  /** What it is refused with while it is missing; null: it needs none here. */
  code: z.string().nullable(),
  needs: SiteAccountKind.nullable(),
  here: z.string(),
  missing: z.boolean(),
});
