import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StepError } from '../../sequence/step-error.ts';
import type { WindowsMachineParts } from './parts.ts';

/** A library of `agent/windows-native/ts-com.c`, for programs of one kind. */
export interface ScriptLibrary {
  readonly view: '64' | '32';
  readonly bytes: Uint8Array;
}

/** The objects that scripts of Configuration Manager create, there while a run goes on. */
export interface ScriptObjects extends AsyncDisposable {
  /** Registers them, once. @throws {StepError} `ts.com`, `tool.*` */
  register(signal: AbortSignal): Promise<void>;
}

/** Class ids as in `agent/windows-native/ts-com`: ours, never those of Configuration Manager. */
const classes = [
  { progId: 'Microsoft.SMS.TSEnvironment', clsid: '{758FDAB5-555D-4210-84E7-A74F54182D01}' },
  { progId: 'Microsoft.SMS.TSProgressUI', clsid: '{758FDAB5-555D-4210-84E7-A74F54182D03}' },
] as const;
type ScriptClass = (typeof classes)[number];

const CLASSES = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Classes';

/**
 * Registers the objects for this machine's programs, 64-bit and 32-bit, and takes the registration away when
 * disposed, also one that a power cut left. What another program registered under these names stays.
 */
export function scriptObjects(
  parts: Pick<WindowsMachineParts, 'runTool' | 'scratch' | 'log'>,
  { folder, libraries }: { readonly folder: string; readonly libraries: readonly ScriptLibrary[] },
): ScriptObjects {
  const { runTool, log } = parts;
  let registering: Promise<void> | undefined;

  const ownerOf = async ({ progId }: ScriptClass, signal: AbortSignal): Promise<string | null> => {
    // Without asking how: a key that cannot be read cannot be written either, and that is told.
    const argv = ['reg.exe', 'query', `${CLASSES}\\${progId}\\CLSID`, '/ve', '/reg:64'] as const;
    const { code, stdout } = await runTool({ argv, allowed: 'any' }, signal);
    const [clsid] = code === 0 ? (/\{[0-9A-F-]{36}\}/i.exec(stdout) ?? []) : [];
    return clsid?.toUpperCase() ?? null;
  };
  const register = async (signal: AbortSignal): Promise<void> => {
    if (libraries.length === 0) return;
    const owners = await Promise.all(classes.map(async (each) => ownerOf(each, signal)));
    const free = classes.filter((each, at) => {
      const owner = owners[at] ?? null;
      const taken = owner !== null && owner !== each.clsid;
      if (taken) log(`${each.progId} is registered by another program (${owner}): it stays`);
      return !taken;
    });
    if (free.length === 0) return;
    // Names last: what can be found by its name is whole.
    for (const library of libraries) {
      const path = await putLibrary(folder, library);
      const keys = free.flatMap(({ clsid }) => serverKeys(clsid, path));
      await importKeys(parts, { keys, view: library.view }, signal);
    }
    const names = free.flatMap(({ progId, clsid }) => [
      `[${CLASSES}\\${progId}\\CLSID]`,
      `@="${clsid}"`,
    ]);
    await importKeys(parts, { keys: names, view: '64' }, signal);
    for (const each of free)
      if ((await ownerOf(each, signal)) !== each.clsid)
        throw new StepError('ts.com', `${each.progId} was registered and is not there`, {
          hint: 'Scripts that create it fail; metalwright-ts and the PowerShell module work.',
        });
  };

  return {
    async register(signal) {
      // One that failed or was broken off is tried again by the next step.
      registering ??= register(signal).catch((error: unknown) => {
        registering = undefined;
        throw error;
      });
      await registering;
    },
    async [Symbol.asyncDispose]() {
      const signal = AbortSignal.timeout(60_000);
      try {
        for (const each of classes) {
          if ((await ownerOf(each, signal)) !== each.clsid) continue;
          const clsid = `[-${CLASSES}\\CLSID\\${each.clsid}]`;
          await importKeys(
            parts,
            { keys: [`[-${CLASSES}\\${each.progId}]`, clsid], view: '64' },
            signal,
          );
          await importKeys(parts, { keys: [clsid], view: '32' }, signal);
        }
        // A program that still runs keeps its library: the next run finds it, or its folder goes with the agent.
        await rm(folder, { recursive: true, force: true }).catch(() => {});
      } catch (error) {
        log(`The objects for scripts stay registered: ${String(error)}`);
      }
    },
  };
}

function serverKeys(clsid: string, path: string): string[] {
  return [
    `[${CLASSES}\\CLSID\\${clsid}\\InprocServer32]`,
    `@="${path.replaceAll('\\', '\\\\')}"`,
    '"ThreadingModel"="Both"',
  ];
}

/** Named by its content: one that a program has loaded cannot be replaced. */
async function putLibrary(folder: string, { view, bytes }: ScriptLibrary): Promise<string> {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const path = join(folder, `metalwright-ts-${view}-${hash}.dll`);
  const kept = await readFile(path).catch(() => undefined);
  if (kept?.equals(bytes) === true) return path;
  await mkdir(folder, { recursive: true });
  await writeFile(path, bytes);
  return path;
}

/** Changes many keys by one start of `reg`: its files are UTF-16 with a byte order mark. */
async function importKeys(
  { runTool, scratch }: Pick<WindowsMachineParts, 'runTool' | 'scratch'>,
  { keys, view }: { readonly keys: readonly string[]; readonly view: '64' | '32' },
  signal: AbortSignal,
): Promise<void> {
  const text = `\ufeffWindows Registry Editor Version 5.00\r\n\r\n${keys.join('\r\n')}\r\n`;
  await using files = await scratch({ 'Keys.reg': Buffer.from(text, 'utf16le') }, signal);
  await runTool({ argv: ['reg.exe', 'import', files.file('Keys.reg'), `/reg:${view}`] }, signal);
}
