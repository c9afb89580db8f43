import { mkdir, readFile, stat } from 'node:fs/promises';
import type { ProcessCapability, RunAs } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step-error.ts';
import { runCommand } from './process.ts';

const TIMEOUT_MS = 180_000;
/** HRESULTs of ERROR_NOT_SUPPORTED and ERROR_BAD_NETPATH. */
const NOT_SUPPORTED_CODE = 0x80070032;
const PATH_CODE = 0x80070035;

/** What mounting needs of the machine. */
export interface MountShareParts {
  readonly process: Pick<ProcessCapability, 'scratch'>;
  readonly run?: typeof runCommand;
  readonly hasCifs?: () => Promise<boolean>;
}
/** A share and where it is to be. */
interface MountShareRequest {
  readonly server: string;
  readonly share: string;
  readonly target: string;
  /** Null: as a guest. */
  readonly account: RunAs | null;
  /** Of mount.cifs, beside the account. */
  readonly options?: readonly string[];
  readonly timeoutMs?: number;
}

/**
 * Mounts a share by mount.cifs, unless something is mounted there. The account goes to it in a file that only root
 * reads.
 *
 * @throws {StepError} `network.no-cifs`, `network.logon`, `network.path`, `network.connect`
 */
export async function mountShare(
  { server, share, target, account, options = [], timeoutMs = TIMEOUT_MS }: MountShareRequest,
  { process, run = runCommand, hasCifs = mountCifsIsThere }: MountShareParts,
  signal: AbortSignal,
): Promise<void> {
  const name = `//${server}/${share}`;
  if (!(await hasCifs()))
    throw new StepError('network.no-cifs', `Cannot connect ${name}: there is no mount.cifs`, {
      hint: 'Install cifs-utils; the boot image of this server has it.',
      exitCode: NOT_SUPPORTED_CODE,
    });
  await mkdir(target, { recursive: true });
  if (await isMounted(target)) return;
  const [domain, user] = account === null ? ['', ''] : partsOf(account.user);
  const lines =
    account === null
      ? 'guest\n'
      : `username=${user}\npassword=${account.password}\n${domain === '' ? '' : `domain=${domain}\n`}`;
  await using secret = await process.scratch({ account: Buffer.from(lines) }, signal);
  const how = account === null ? 'guest' : `credentials=${secret.file('account')}`;
  const wish = [how, ...options].join(',');
  const argv = ['mount', '-t', 'cifs', name, target, '-o', wish] as const;
  const { code, output } = await run({ argv: [...argv], timeoutMs }, signal);
  if (code !== 0) throw mountError(name, code, output);
}

/** mount.cifs tells the kernel's error: `mount error(13): Permission denied`. */
function mountError(name: string, code: number, output: string): StepError {
  const text = output.trim().split('\n')[0] ?? '';
  const logon = /error\((1|13|126|127)\)/.test(output);
  const place = /error\((2|6|101|110|111|112|113|115)\)/.test(output);
  return new StepError(
    logon ? 'network.logon' : place ? 'network.path' : 'network.connect',
    `Cannot connect ${name}: mount ended with ${code}: ${text}`,
    { exitCode: logon ? 0x8007052e : PATH_CODE },
  );
}

function partsOf(user: string): readonly [string, string] {
  const [first = '', second] = user.split('\\', 2);
  return second === undefined ? ['', first] : [first, second];
}

async function isMounted(folder: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => '');
  return mounts.split('\n').some((line) => line.split(' ')[1] === folder.replaceAll(' ', '\\040'));
}

async function mountCifsIsThere(): Promise<boolean> {
  for (const path of ['/usr/sbin/mount.cifs', '/sbin/mount.cifs'])
    if (await stat(path).catch(() => undefined)) return true;
  return false;
}
