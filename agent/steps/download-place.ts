/** Where Download Package Content puts packages that are to stay: a path of its own, or the cache of a client. */
import type { VolumeId } from '#agent/sequence/platform.ts';
import { type StepContext, StepError } from '#agent/sequence/step.ts';
import { pathInside } from './package-path.ts';

/** HRESULT of ERROR_NOT_SUPPORTED, ERROR_BAD_PATHNAME. */
const NOT_SUPPORTED_CODE = 0x80070032;
const BAD_PATH_CODE = 0x800700a1;

/** A folder for packages, open as long as the step works in it. */
export interface DownloadPlace extends AsyncDisposable {
  /** As this agent opens it: made where it is missing. */
  readonly folder: string;
  /** What later steps are told of a package in it. */
  told(kept: string): string;
  /** Writes the file system out and reads it back; nothing where no volume of this machine is known to be there. */
  flush(signal: AbortSignal): Promise<void>;
}

/** A path as somebody wrote it, taken apart. */
type Written =
  | { readonly kind: 'volume'; readonly volume: VolumeId; readonly rest: string }
  | { readonly kind: 'drive'; readonly letter: string; readonly rest: string }
  | { readonly kind: 'share' | 'posix' };

/** Whether the system that the agent runs in is a Linux. */
async function isLinux({ platform, signal }: StepContext): Promise<boolean> {
  if (platform.environment !== 'full-os') return platform.environment === 'linux-pe';
  return (await platform.query.system(signal)).family === 'linux';
}

/** @throws {StepError} `content.no-client-cache` */
export function clientCacheOf({ platform, content }: StepContext): string {
  const { environment } = platform;
  if (environment === 'full-os' && content.clientCache !== undefined) return content.clientCache;
  throw new StepError(
    'content.no-client-cache',
    `There is no cache of a client in ${environment}: it is a folder of the installed system`,
    {
      hint: 'Put the step behind Setup Windows and ConfigMgr, or choose the folder of the run or a path of your own.',
      exitCode: NOT_SUPPORTED_CODE,
    },
  );
}

/** The cache of the client. @throws {StepError} `content.no-client-cache` */
export function openClientCache(context: StepContext): DownloadPlace {
  return {
    folder: clientCacheOf(context),
    told: (kept) => kept,
    flush: async (signal) => {
      await flushSystem(context, signal);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/**
 * Opens the path of a step. On a volume of this machine it is named by its drive in Windows, `D:\In`, and by its
 * volume in Linux PE, as the variables of steps hold it: `gpt:…\In`. @throws {StepError} `content.destination`,
 * `disk.*`
 */
export async function openPath(path: string, context: StepContext): Promise<DownloadPlace> {
  const text = path.trim();
  const written = await readPath(text, context);
  const { platform, signal } = context;
  const { disk } = platform;
  switch (written.kind) {
    case 'posix':
    case 'share':
      return {
        folder: text,
        told: (kept) => kept,
        flush: async () => {},
        async [Symbol.asyncDispose]() {},
      };
    case 'drive': {
      const folder = inside(`${written.letter}:\\`, written.rest, text);
      const disks = await disk.list(signal);
      const found = disks
        .flatMap(({ partitions }) => partitions)
        .find(({ letter }) => letter?.toUpperCase() === written.letter);
      return {
        folder,
        told: (kept) => kept,
        // A share that has a letter is no volume of this machine, and X: is memory.
        flush: async (until) => {
          if (found !== undefined) await disk.flush(found.volume, until);
        },
        async [Symbol.asyncDispose]() {},
      };
    }
    case 'volume': {
      const { volume, rest } = written;
      const linux = await isLinux(context);
      const mounted = await disk.mount(volume, signal);
      return {
        folder: inside(mounted.path, rest, text),
        // In Linux the volume is mounted for this step alone.
        told: (kept) =>
          linux ? `${text.replace(/[\\/]+$/, '')}\\${kept.split('/').at(-1) ?? ''}` : kept,
        flush: async (until) => disk.flush(volume, until),
        [Symbol.asyncDispose]: async () => mounted[Symbol.asyncDispose](),
      };
    }
  }
}

/** Takes a path apart, for the system that the agent runs in. @throws {StepError} `content.destination` */
export async function readPath(path: string, context: StepContext): Promise<Written> {
  const text = path.trim();
  const [, volume, onVolume = ''] = /^((?:gpt|mbr):[0-9a-f-]+)(?:[\\/](.*))?$/is.exec(text) ?? [];
  if (volume !== undefined) return { kind: 'volume', volume: volume.toLowerCase(), rest: onVolume };
  const linux = await isLinux(context);
  const [, letter, onDrive = ''] = /^([a-z]):(?:[\\/](.*))?$/is.exec(text) ?? [];
  if (letter !== undefined) {
    if (!linux) return { kind: 'drive', letter: letter.toUpperCase(), rest: onDrive };
    throw refused(text, `volumes have no letters in ${context.platform.environment}`);
  }
  if (/^\\\\[^\\]+\\[^\\]/.test(text)) {
    if (!linux) return { kind: 'share' };
    throw refused(text, 'Linux opens no share by its path: connect it first');
  }
  if (linux && text.startsWith('/')) return { kind: 'posix' };
  throw refused(text, 'it does not say on which drive or volume it is');
}

/** @param root with its separator: without one, `D:` is the folder that a program is in there */
function inside(root: string, rest: string, text: string): string {
  const found = pathInside(root, rest);
  if (found === undefined) throw refused(text, 'it leads out of its volume');
  return pathInside(root, '') === found ? root : found;
}

function refused(text: string, why: string): StepError {
  return new StepError('content.destination', `Packages cannot be put at "${text}": ${why}`, {
    hint: 'Name a folder with its drive, D:\\In, or by a variable that holds a volume: %OSDTargetSystemDrive%\\In.',
    exitCode: BAD_PATH_CODE,
  });
}

/** Writes out the volume of the system that runs, where it can be told which that is. */
async function flushSystem({ platform }: StepContext, signal: AbortSignal): Promise<void> {
  const volume = await platform.bitLocker?.volumeOf(null, signal).catch(() => undefined);
  if (volume !== undefined) await platform.disk.flush(volume, signal);
}
