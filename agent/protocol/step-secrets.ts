import { z } from 'zod';
import { PackageId } from './identity.ts';

/** How a step names an account of the site instead of a user: `account:Join`, without a password. */
const SITE_ACCOUNT = /^\s*account:(.+)$/i;

/** The name of the site's account that a user name stands for; undefined for a user of its own. */
export function siteAccountName(user: string): string | undefined {
  return SITE_ACCOUNT.exec(user)?.[1]?.trim();
}

/** The names of all accounts of the site in a setting, at any depth, each once. */
export function siteAccountNames(value: unknown): readonly string[] {
  const names = new Set<string>();
  const look = (each: unknown): void => {
    if (Array.isArray(each)) each.forEach(look);
    else if (typeof each === 'object' && each !== null) Object.values(each).forEach(look);
    else if (typeof each === 'string') {
      const name = siteAccountName(each);
      if (name !== undefined) names.add(name);
    }
  };
  look(value);
  return [...names];
}

const VariableNames = z.array(z.string().min(1).max(256)).max(1000);

/**
 * POST /v1/runs/:run/secrets: what a step needs in secret, once it has started and until it has finished; the
 * secret variables that a condition names, until it is answered; or the accounts that read content where a
 * distribution point asks for one, while the run is open.
 */
export const SecretsRequest = z.discriminatedUnion('for', [
  z
    .strictObject({
      for: z.literal('step'),
      /** Its path in the pinned document. */
      step: z.string().max(256),
      accounts: z.array(z.string().min(1).max(64)).max(10).default([]),
      /** Names of withheld variables, without case. */
      variables: VariableNames.default([]),
      /** Packages that are secret, by their ids: their keys. */
      packages: z.array(PackageId).max(100).default([]),
    })
    .refine(
      ({ accounts, variables, packages }) =>
        accounts.length + variables.length + packages.length > 0,
      'asks for nothing',
    ),
  z.strictObject({
    for: z.literal('condition'),
    /** The step or group that it is of. */
    step: z.string().max(256),
    variables: VariableNames.min(1),
  }),
  z.strictObject({ for: z.literal('content') }),
]);
export type SecretsRequest = z.infer<typeof SecretsRequest>;

/** An account of the site with its password; never written anywhere. */
export const ReleasedAccount = z.object({
  name: z.string(),
  user: z.string(),
  password: z.string(),
});
export type ReleasedAccount = z.infer<typeof ReleasedAccount>;

/** A withheld variable with its value; never written anywhere. */
export const ReleasedVariable = z.object({ name: z.string(), value: z.string() });
export type ReleasedVariable = z.infer<typeof ReleasedVariable>;

/** The key of the version of a secret package that the run has; never written anywhere. */
export const ReleasedKey = z.object({
  packageId: PackageId,
  /** `PACKAGE_KEY_BYTES`, base64. */
  key: z.base64().length(44),
});
export type ReleasedKey = z.infer<typeof ReleasedKey>;

/** Its answer: for a step in the order asked, for content in the order in which they are tried. */
export const ReleasedSecrets = z.object({
  accounts: z.array(ReleasedAccount),
  /** Servers of before this field have none. */
  variables: z.array(ReleasedVariable).default([]),
  packages: z.array(ReleasedKey).default([]),
});
export type ReleasedSecrets = z.infer<typeof ReleasedSecrets>;
