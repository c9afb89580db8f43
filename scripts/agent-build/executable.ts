import { execFile } from 'node:child_process';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { nodeBinary } from './node-package.ts';
import type { AgentTarget } from './target.ts';
import { checkExecutable, removeSignature } from './windows-executable.ts';

/**
 * Puts a bundle into a Node of the target by Node's own single-executable build, in the folder `work`;
 * returns the path of the executable. Equal bundles and Nodes give equal bytes, wherever `work` is.
 */
export async function makeExecutable(
  bundle: string,
  target: Pick<AgentTarget, 'system' | 'architecture' | 'node' | 'builder'>,
  options: {
    readonly work: string;
    readonly packagesDirectory: string;
    /** Files that the program has inside, by their names; they may be made while its Node is unpacked. */
    readonly assets?: Promise<readonly string[]>;
    readonly signal: AbortSignal;
    readonly log: (line: string) => void;
  },
): Promise<string> {
  const { work, signal } = options;
  const isWindows = target.system === 'windows';
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const inner = join(work, 'node');
  const unpacked = await nodeBinary(target.node, { ...options, folder: join(work, 'target') });
  const builder = await nodeBinary(target.builder, { ...options, folder: join(work, 'builder') });
  if (target.node === 'installed') await copyFile(unpacked, inner);
  else await rename(unpacked, inner);
  if (isWindows) await removeSignature(inner);
  // A third of the binary is debug information; Windows has it in a file of its own.
  else await run('strip', ['--strip-debug', '--strip-unneeded', inner], { signal });
  await writeFile(join(work, 'agent.cjs'), bundle);
  const assets = (await options.assets) ?? [];
  for (const path of assets) await copyFile(path, join(work, basename(path)));
  const output = isWindows ? 'agent.exe' : 'agent';
  const settings = {
    // Relative: the executable keeps the path, and must not depend on where it was built.
    main: 'agent.cjs',
    output,
    assets: Object.fromEntries(assets.map((path) => [basename(path), basename(path)])),
    executable: 'node',
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: false,
    // NODE_OPTIONS of a machine must not change what the agent does.
    execArgvExtension: 'none',
    // Calls of Windows are experimental in Node; the warning would stand on the screen of the machine.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  };
  await writeFile(join(work, 'sea.json'), JSON.stringify(settings));
  await run(builder, ['--build-sea', 'sea.json'], { cwd: work, signal });
  const made = join(work, output);
  if (isWindows) await checkExecutable(made, { architecture: target.architecture, signed: false });
  return made;
}

const run = promisify(execFile);
