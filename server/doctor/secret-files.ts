import { stat } from 'node:fs/promises';
import type { Config } from '../config.ts';
import type { Finding } from './finding.ts';

/** Those who are neither the owner nor of the group. */
const OTHERS = 0o007;
/** The password and the keys of the data directory are the owner's alone; a certificate's key may be a group's. */
const code = 'doctor.key';

/** Looks at who may read the settings file, if a password stands in it, and the files with secrets that it names. */
export async function checkSecretFiles(
  settingsFile: string | undefined,
  { database, listeners }: Pick<Config, 'database' | 'listeners'>,
): Promise<Finding[]> {
  const hasPassword = database.url !== null && /:[^/@]+@|[?&]password=/.test(database.url);
  const files = [
    {
      path: hasPassword ? settingsFile : undefined,
      what: 'the settings file, with the password of the database,',
    },
    {
      path: database.passwordFile ?? undefined,
      what: 'the file with the password of the database',
    },
    { path: listeners.consoleCertificate?.keyFile, what: "the key of the console's certificate" },
  ];
  const found = await Promise.all(files.map(({ path, what }) => checkFile(path, what)));
  return found.flat();
}

async function checkFile(path: string | undefined, what: string): Promise<Finding[]> {
  if (path === undefined) return [];
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined)
    return [
      {
        level: 'problem',
        code,
        message: `${what} cannot be looked at: ${path}`,
        hint: 'check its name and the rights of its folder',
      },
    ];
  if ((facts.mode & OTHERS) === 0)
    return [{ level: 'ok', code, message: `${what} can be read by nobody else: ${path}` }];
  return [
    {
      level: 'problem',
      code,
      message: `${what} has mode ${(facts.mode & 0o777).toString(8)}: everybody on this machine may read ${path}`,
      hint: `chmod o-rwx ${path}; if somebody may have read it, change what is in it`,
    },
  ];
}
