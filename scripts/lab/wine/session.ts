import { cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Child, type Exit, runCommand, startChild } from '../child.ts';

/**
 * A Windows of Wine: a prefix (its registry, drives, programs) whose changes go to a folder of its own, and
 * which outlives its programs, as a disk does. Each start is a process namespace of its own: when its first
 * program has ended all else is ended as at a shutdown; when it is killed, all is gone as in a power cut.
 */
export interface WineMachine {
  /** The prefix as the host sees it, for what is written while nothing runs in it. */
  readonly folder: string;
  /** The prefix that its changes lie above. */
  readonly template: string;
  /** Starts a program of Windows; its output goes to `logFile`, which no pipe may be. */
  start(argv: readonly [string, ...string[]], options: WineStart): Promise<Child>;
}
export interface WineStart {
  readonly logFile: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A folder of the host that programs of Windows see as `Z:` and this path. */
export interface WineMount {
  readonly host: string;
  readonly inside: string;
}

/**
 * Enters the Debian with Wine. The prefix is the template with the machine's changes above it (overlayfs): a
 * copy of its 800 MB would take longer than most tests.
 */
const ENTER = `set -e
root=$1 template=$2 changes=$3 devices=$4; shift 4
mount --make-rslave /
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
mkdir "$root/tmp/prefix"
if [ -n "$template" ]
then mount -t overlay overlay -o "lowerdir=$template,upperdir=$changes/upper,workdir=$changes/work" "$root/tmp/prefix"
else mount --bind "$changes" "$root/tmp/prefix"
fi
if [ -n "$devices" ]; then mount --bind "$devices" "$root/tmp/prefix/dosdevices"; fi
while [ "$1" != -- ]
do [ -e "$root$2" ] || mkdir -p "$root$2"; mount --rbind "$1" "$root$2"; shift 2
done
shift
exec chroot "$root" "$@"`;

/** What wineserver holds of the registry is written when it ends. Its `-k` waits for that. */
const START = 'wine "$@"; code=$?; wineserver -k; exit $code';

const ENVIRONMENT = {
  PATH: '/usr/bin:/bin',
  HOME: '/tmp',
  LANG: 'C.UTF-8',
  WINEPREFIX: '/tmp/prefix',
  WINEDEBUG: '-all',
  XDG_RUNTIME_DIR: '/tmp',
};

/** Wine without a screen: looking for one takes seconds at each start. */
const NO_SCREEN = ['HKCU\\Software\\Wine\\Drivers', '/v', 'Graphics', '/d', 'null', '/f'] as const;

/**
 * Makes a Windows, with its changes in `changes`, which must not be there yet or come of the same root.
 * @param root of `prepareWineRoot`
 */
export async function wineMachine(
  root: string,
  changes: string,
  options: {
    readonly mounts: readonly WineMount[];
    /** Folder of Wine's drive letters and other DOS devices, links each; filled when it is not there. */
    readonly devices?: string;
    readonly signal: AbortSignal;
  },
): Promise<WineMachine> {
  const template = await prepareTemplate(root, options.signal);
  for (const name of ['upper', 'work']) await mkdir(join(changes, name), { recursive: true });
  const { mounts, devices = '' } = options;
  if (devices !== '' && !(await isThere(devices)))
    await cp(join(template, 'dosdevices'), devices, { recursive: true, verbatimSymlinks: true });
  return {
    folder: join(changes, 'upper'),
    template,
    start: async (argv, start) =>
      startChild(enter({ root, template, changes, devices, mounts }, argv, start), start),
  };
}

/** Runs a program of Windows to its end. */
export async function runInWine(
  machine: WineMachine,
  argv: readonly [string, ...string[]],
  options: WineStart & { readonly timeoutMs: number },
): Promise<Exit & { readonly output: string }> {
  await rm(options.logFile, { force: true });
  await using child = await machine.start(argv, options);
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs);
  const exit = await child.exited;
  clearTimeout(timer);
  return { ...exit, output: await readFile(options.logFile, 'utf8') };
}

interface Entered {
  readonly root: string;
  /** Empty while the template itself is made. */
  readonly template: string;
  readonly changes: string;
  /** Empty: those of the prefix. */
  readonly devices: string;
  readonly mounts: readonly WineMount[];
}

function enter(
  { root, template, changes, devices, mounts }: Entered,
  argv: readonly string[],
  { environment = {} }: Pick<WineStart, 'environment'>,
): [string, ...string[]] {
  const variables = Object.entries({ ...ENVIRONMENT, ...environment });
  const apart = ['--mount', '--propagation=slave', '--pid', '--fork', '--kill-child'];
  const inRoot = ['sh', '-c', ENTER, 'sh', root, template, changes, devices];
  const places = mounts.flatMap(({ host, inside }) => [host, inside]);
  const clean = ['/usr/bin/env', '-i', ...variables.map(([name, value]) => `${name}=${value}`)];
  const inWine = ['sh', '-c', START, 'sh', ...argv];
  return ['unshare', ...apart, ...inRoot, ...places, '--', ...clean, ...inWine];
}

/** A prefix as Wine makes it, once for each root. */
async function prepareTemplate(root: string, signal: AbortSignal): Promise<string> {
  const template = join(dirname(root), 'prefix');
  if (await isThere(template)) return template;
  const fresh = `${template}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  const entered = { root, template: '', changes: fresh, devices: '', mounts: [] };
  for (const argv of [
    ['wineboot', '--init'],
    ['reg', 'add', ...NO_SCREEN],
  ])
    await runCommand(enter(entered, argv, {}), { signal, timeoutMs: 120_000 });
  // Another process may have been quicker: its template is as good.
  await rename(fresh, template).catch(async (error: unknown) => {
    if (!(await isThere(template))) throw error;
    await rm(fresh, { recursive: true });
  });
  return template;
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
