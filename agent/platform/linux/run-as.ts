import { chmod, chown } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Environment } from '../../protocol/policy.ts';
import type { RunAs } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step.ts';
import { runTool } from './process.ts';

/** ERROR_LOGON_FAILURE, ERROR_NOT_SUPPORTED as HRESULTs. */
const LOGON_FAILURE_CODE = 0x8007052e;
const NOT_SUPPORTED_CODE = 0x80070032;
/** getent: one or more of the keys were not found. */
const NOT_FOUND = 2;

/** An account as the system's name services have it, those of a domain among them. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/**
 * The account that a command is to run as. Root becomes anyone without a password, so the one that was
 * given is not looked at. @throws {StepError} `command.run-as`, `command.run-as-pe`
 */
export async function findAccount(
  { user }: RunAs,
  environment: Environment,
  signal: AbortSignal,
): Promise<Account> {
  if (environment !== 'full-os')
    throw new StepError(
      'command.run-as-pe',
      `Cannot run as ${user} in ${environment}: there are no accounts`,
      {
        hint: 'Take the account out, or move the step behind the restart into the installed system.',
        exitCode: NOT_SUPPORTED_CODE,
      },
    );
  const unknown = new StepError('command.run-as', `There is no account ${user} on this machine`, {
    hint: 'Correct its name; an account of a domain is known once the machine has joined it.',
    exitCode: LOGON_FAILURE_CODE,
  });
  if (user === '' || /[\0\n:]/.test(user)) throw unknown;
  const { stdout, code } = await runTool(['getent', 'passwd', '--', user], signal, {
    allowed: [NOT_FOUND],
  });
  const [name, , uid, gid, , home, shell] = stdout.split('\n')[0]?.split(':') ?? [];
  // A number is an account to getent, and none to people.
  if (code !== 0 || name === undefined || /^\d+$/.test(user)) throw unknown;
  return {
    name,
    uid: Number(uid),
    gid: Number(gid),
    home: home || '/',
    shell: shell?.trim() || '/bin/sh',
  };
}

/** The same command as another account, with its groups. */
export function asAccount(
  argv: readonly [string, ...string[]],
  { uid, gid }: Account,
): readonly [string, ...string[]] {
  const options = ['--reuid', String(uid), '--regid', String(gid), '--init-groups'];
  return ['setpriv', ...options, '--inh-caps=-all', '--', ...argv];
}

/** What a login would set. */
export function accountEnvironment({ name, home, shell }: Account): Record<string, string> {
  return { HOME: home, USER: name, LOGNAME: name, SHELL: shell };
}

/**
 * Lets an account read the packages of this run that a command names, until disposed: they are root's
 * alone. It may not write there, as root runs programs out of them later.
 * @param words arguments and working folder of the command
 */
export async function lendContent(
  contentFolder: string,
  words: readonly string[],
  { gid }: Account,
): Promise<AsyncDisposable> {
  const prefix = contentFolder + sep;
  const named = words.flatMap((word) => {
    const at = word.indexOf(prefix);
    const name = at === -1 ? '' : (/^[A-Z0-9.]+/.exec(word.slice(at + prefix.length))?.[0] ?? '');
    return /[A-Z0-9]/.test(name) ? [join(contentFolder, name)] : [];
  });
  const lent: string[] = [];
  for (const folder of new Set(named)) {
    const changed = await chown(folder, 0, gid).then(
      async () => chmod(folder, 0o750).then(() => true),
      () => false,
    );
    if (changed) lent.push(folder);
  }
  return {
    async [Symbol.asyncDispose]() {
      for (const folder of lent) {
        await chmod(folder, 0o700).catch(() => {});
        await chown(folder, 0, 0).catch(() => {});
      }
    },
  };
}
