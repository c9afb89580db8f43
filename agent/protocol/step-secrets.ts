import { z } from 'zod';

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

/**
 * POST /v1/runs/:run/secrets: what a step needs in secret, once it has started and until it has finished; or
 * the accounts that read content where a distribution point asks for one, while the run is open.
 */
export const SecretsRequest = z.discriminatedUnion('for', [
  z.strictObject({
    for: z.literal('step'),
    /** Its path in the pinned document. */
    step: z.string().max(256),
    accounts: z.array(z.string().min(1).max(64)).min(1).max(10),
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

/** Its answer: for a step in the order asked, for content in the order in which they are tried. */
export const ReleasedSecrets = z.object({ accounts: z.array(ReleasedAccount) });
export type ReleasedSecrets = z.infer<typeof ReleasedSecrets>;
