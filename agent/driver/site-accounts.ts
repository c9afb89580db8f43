import type { PackageId } from '../protocol/identity.ts';
import type { VariableChange } from '../protocol/run-event.ts';
import {
  type ReleasedAccount,
  type ReleasedSecrets,
  type SecretsRequest,
  siteAccountName,
  siteAccountNames,
} from '../protocol/step-secrets.ts';
import { StepError } from '../sequence/step.ts';
import { TransportError } from '../transport/transport-error.ts';

/** Asks the server; what it answers is kept in memory alone, and hidden from every log. */
export type ReleaseSecrets = (
  request: SecretsRequest,
  signal: AbortSignal,
) => Promise<ReleasedSecrets>;

/**
 * The accounts of the site that a step names, from the server.
 *
 * @throws {StepError} `account.unavailable`, and what the server refuses with: `secret.step`, `secret.trust`,
 *   `secret.account`, `account.not-found`, `account.network-access`
 */
export async function siteAccounts(
  release: ReleaseSecrets | undefined,
  { stepId, names }: { readonly stepId: string; readonly names: readonly string[] },
  signal: AbortSignal,
): Promise<readonly ReleasedAccount[]> {
  if (release === undefined)
    throw new StepError(
      'account.unavailable',
      `The account ${names.join(', ')} is kept by the server, and there is none here`,
      { hint: 'Start the machine from the network, or write the account into the step.' },
    );
  const { accounts } = await asked(async () =>
    release(
      { for: 'step', step: stepId, accounts: [...names], variables: [], packages: [] },
      signal,
    ),
  );
  return accounts;
}

/**
 * Values of withheld variables, for a step that runs or a condition that is to be answered.
 *
 * @throws {StepError} what the server refuses with: `secret.step`, `secret.trust`, `secret.variable`
 */
export async function releasedVariables(
  release: ReleaseSecrets,
  wish: {
    readonly for: 'step' | 'condition';
    readonly stepId: string;
    readonly names: readonly string[];
  },
  signal: AbortSignal,
): Promise<readonly VariableChange[]> {
  const variables = [...wish.names];
  const { stepId: step } = wish;
  const { variables: given } = await asked(async () =>
    release(
      wish.for === 'step'
        ? { for: 'step', step, accounts: [], variables, packages: [] }
        : { for: 'condition', step, variables },
      signal,
    ),
  );
  return given.map(({ name, value }) => ({ name, value, secret: true }));
}

/**
 * The key of a secret package, for a step that runs.
 *
 * @throws {StepError} `content.sealed`, and what the server refuses with: `secret.step`, `secret.trust`, `secret.package`
 */
export async function packageKey(
  release: ReleaseSecrets | undefined,
  { stepId, packageId }: { readonly stepId: string; readonly packageId: PackageId },
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (release === undefined)
    throw new StepError(
      'content.sealed',
      `The key of the secret package ${packageId} is kept by the server, and there is none here`,
      { hint: 'Start the machine from the network.' },
    );
  const { packages } = await asked(async () =>
    release(
      { for: 'step', step: stepId, accounts: [], variables: [], packages: [packageId] },
      signal,
    ),
  );
  const given = packages.find((one) => one.packageId === packageId);
  if (given !== undefined) return Buffer.from(given.key, 'base64');
  throw new StepError('content.sealed', `The server gave no key for the package ${packageId}`, {
    hint: 'Update the server.',
  });
}

/**
 * The accounts that read content.
 *
 * @throws {StepError} `account.unavailable`, `account.content`, `secret.trust`
 */
export async function contentAccounts(
  release: ReleaseSecrets | undefined,
  signal: AbortSignal,
): Promise<readonly ReleasedAccount[]> {
  if (release === undefined)
    throw new StepError('account.unavailable', 'There is no server here to ask for an account', {
      hint: 'Start the machine from the network.',
    });
  return (await asked(async () => release({ for: 'content' }, signal))).accounts;
}

/** What the server refuses with is why the step fails. */
async function asked<Value>(ask: () => Promise<Value>): Promise<Value> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const { code, message, hint } = error;
    throw new StepError(code, message, { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
}

/** The settings of a step with users and passwords in the place of `account:` names. */
export async function withSiteAccounts(
  params: unknown,
  ask: ((names: readonly string[]) => Promise<readonly ReleasedAccount[]>) | undefined,
): Promise<unknown> {
  const names = siteAccountNames(params);
  if (typeof params !== 'object' || params === null) return params;
  if (names.length === 0 || ask === undefined) return params;
  const released = await ask(names);
  const byName = new Map(released.map((account) => [account.name.toLowerCase(), account]));
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, filled(value, byName)]),
  );
}

function filled(value: unknown, known: ReadonlyMap<string, ReleasedAccount>): unknown {
  if (typeof value !== 'object' || value === null || !('user' in value)) return value;
  const { user } = value;
  const name = typeof user === 'string' ? siteAccountName(user) : undefined;
  const account = name === undefined ? undefined : known.get(name.toLowerCase());
  return account === undefined
    ? value
    : { ...value, user: account.user, password: account.password };
}
