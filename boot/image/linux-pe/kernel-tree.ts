import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyBelow, listFiles } from './file-tree.ts';
import {
  type ModuleInfo,
  type ModuleSelection,
  parseModuleInfo,
  parseModulesDep,
  selectModules,
} from './kernel-module.ts';
import { runStaged } from './staged-tools.ts';

/** An unpacked kernel package with all firmware packages beside it. */
export interface KernelTree {
  readonly root: string;
  /** As `uname -r` tells it. */
  readonly version: string;
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  readonly info: (path: string) => ModuleInfo;
  /** Paths below `root` of the firmware files that are there. */
  readonly firmware: ReadonlySet<string>;
  /** Root with kmod in it, for depmod. */
  readonly tools: string;
}

const FIRMWARE = 'usr/lib/firmware';

/** Reads an unpacked kernel: runs depmod over it and looks into every module. */
export async function openKernelTree(
  root: string,
  version: string,
  tools: string,
  signal: AbortSignal,
): Promise<KernelTree> {
  await depmod(root, version, tools, signal);
  const modules = join(root, 'usr/lib/modules', version);
  const dependencies = parseModulesDep(await readFile(join(modules, 'modules.dep'), 'utf8'));
  const infos = new Map<string, ModuleInfo>();
  for (const path of dependencies.keys()) {
    infos.set(path, parseModuleInfo(await readFile(join(modules, path))));
  }
  const files = await listFiles(join(root, FIRMWARE));
  return {
    root,
    version,
    dependencies,
    info: (path) => infos.get(path) ?? { firmware: [], softDependencies: [] },
    firmware: new Set(files.map((path) => join(FIRMWARE, path))),
    tools,
  };
}

async function depmod(
  root: string,
  version: string,
  tools: string,
  signal: AbortSignal,
): Promise<void> {
  await runStaged(tools, 'usr/bin/kmod', ['-b', root, version], { signal, argv0: 'depmod' });
}

/**
 * Puts the modules of a selection into another root, unchanged (a stripped module would lose Debian's
 * signature, and a locked-down kernel refuses it), with the indexes that modprobe reads.
 * Gives back the modules and the firmware files that these may ask for and that Debian has.
 */
export async function installModules(
  to: string,
  kernel: KernelTree,
  selection: ModuleSelection,
  signal: AbortSignal,
): Promise<{ readonly modules: readonly string[]; readonly firmware: readonly string[] }> {
  const soft = (path: string): readonly string[] => kernel.info(path).softDependencies;
  const modules = selectModules(kernel.dependencies, soft, selection);
  const folder = join('usr/lib/modules', kernel.version);
  for (const path of modules) await copyBelow(kernel.root, to, join(folder, path));
  for (const name of ['modules.builtin', 'modules.builtin.modinfo', 'modules.order']) {
    await copyBelow(kernel.root, to, join(folder, name));
  }
  await depmod(to, kernel.version, kernel.tools, signal);
  const wanted = new Set(
    modules.flatMap((path) => kernel.info(path).firmware.map((name) => join(FIRMWARE, name))),
  );
  return { modules, firmware: [...wanted].filter((path) => kernel.firmware.has(path)).sort() };
}
