import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disk } from '../../../../sequence/platform.ts';
import { windowsDisk } from '../../disk.ts';
import type { WindowsMachineParts } from '../../parts.ts';
import { SimulatedDrives } from './simulated-drives.ts';

/** Scratch folders of the host. */
const hostScratch: WindowsMachineParts['scratch'] = async (files) => {
  const path = await mkdtemp(join(tmpdir(), 'metalwright-scratch-'));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(path, name), bytes);
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.asyncDispose]: async () => rm(path, { recursive: true, force: true }),
  };
};

/** The disks of a Windows PE machine, by drivers and a diskpart that are simulated. */
export function disksOf(...[drives, faults]: ConstructorParameters<typeof SimulatedDrives>) {
  const simulated = new SimulatedDrives(drives, faults);
  const logged: string[] = [];
  const erased: Disk[] = [];
  const parts = {
    win32: simulated.win32,
    runTool: simulated.runTool,
    scratch: hostScratch,
    log: (message: string) => void logged.push(message),
    systemRoot: 'X:\\Windows',
    restingMs: 1,
    appearsMs: 1,
    /** Only the letter of Windows PE is in use beside those of volumes. */
    query: {
      withFile: async <Value>(_path: string, use: (found: null) => Promise<Value>) => use(null),
    },
  };
  const disk = windowsDisk(parts, { beforeErase: async (each) => void erased.push(each) });
  return { simulated, disk, logged, erased, parts };
}
