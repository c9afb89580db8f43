import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { constants, zstdCompressSync } from 'node:zlib';
import { z } from 'zod';
import { bundleAgent, packageVersion } from './agent-build/bundle.ts';
import { makeExecutable } from './agent-build/executable.ts';
import {
  compileNative,
  nativeHash,
  scriptLibraries,
  serviceProgram,
} from './agent-build/native.ts';
import { installedNode } from './agent-build/node-package.ts';
import { signFile } from './agent-build/sign.ts';
import { type AgentTarget, agentTargets, TargetName } from './agent-build/target.ts';
import { checkExecutable } from './agent-build/windows-executable.ts';
import { withBuildLock } from './build-lock.ts';
import { cacheDirectory } from './cache-directory.ts';

/**
 * `node scripts/build-agent.ts [--target NAME] [--sign COMMAND] [--out DIRECTORY]`: makes the agent one file
 * that needs no installed Node. esbuild bundles `agent/main.ts`, Node's own single-executable build puts the
 * bundle into a Node binary for the target. For Linux, zstd packs it for the way to the machine; for
 * Windows it stays as it is and goes into a boot image; the service that starts it in an installed Windows
 * lies beside it. Equal sources give equal bytes.
 */

/** 35 MB in 6 s; level 19 needs three minutes for 30 MB. */
const ZSTD_LEVEL = 9;

/** A file beside the agent that belongs to it. */
const BuiltFile = z.object({ name: z.string(), sha256: z.string(), sizeBytes: z.int() });

/** `agent.json`, beside the agent: what lies there. */
const AgentBuild = z.object({
  sha256: z.string(),
  sizeBytes: z.int(),
  /** The package's version and a hash of bundle and Node: a run never changes its agent's version. */
  version: z.string(),
  compression: z.enum(['zstd', 'none']),
  system: z.enum(['linux', 'windows']),
  architecture: z.enum(['x64', 'arm64']),
  /** Whether it has an Authenticode signature. */
  signed: z.boolean(),
  /** Windows: the service, signed as the agent is. */
  files: z.array(BuiltFile),
});
type AgentBuild = z.infer<typeof AgentBuild>;

export interface AgentBuildOptions {
  readonly outDirectory: string;
  readonly cacheDirectory: string;
  /** By default Linux x64, what network boot needs. */
  readonly target?: TargetName;
  /** Where the packages of other Nodes are kept; by default in the cache. */
  readonly packagesDirectory?: string;
  /** A command that signs the executable; Windows targets only. It gets the path as its last argument. */
  readonly sign?: string;
  /** Another program than the agent, for trying the build alone. */
  readonly entry?: string;
  /** Puts the bundle into the target's Node; a test has no Node of Windows. */
  readonly make?: typeof makeExecutable;
  /** Compiles the service; a test has no compiler. */
  readonly compile?: typeof compileNative;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/**
 * Builds the target's file and `agent.json`; does nothing when they are there for these sources. A signed
 * one is always built anew: who signed the last one, and whether that still holds, is not known here.
 */
export async function buildAgent(options: AgentBuildOptions): Promise<AgentBuild> {
  const { outDirectory, sign, make = makeExecutable, compile = compileNative } = options;
  const { signal, log } = options;
  const target = agentTargets[options.target ?? 'linux-x64'];
  const isWindows = target.system === 'windows';
  if (sign !== undefined && !isWindows)
    throw new RangeError(`--sign is for Windows, the target is ${target.name}`);
  const bundle = await bundleAgent(options.entry);
  const hash = createHash('sha256')
    .update(bundle.hash)
    .update(await nodeHash(target))
    .update(isWindows ? await nativeHash() : '');
  const version = `${await packageVersion()}+${hash.digest('hex').slice(0, 16)}`;
  const present = sign === undefined ? await readBuild(outDirectory, target, version) : undefined;
  if (present !== undefined) {
    log(`agent: nothing changed, ${version}`);
    return present;
  }
  log(`agent: building ${version}`);
  const work = join(options.cacheDirectory, `agent-${target.name}`);
  const packagesDirectory = options.packagesDirectory ?? join(options.cacheDirectory, 'node');
  // An older one must not lie where a signed one is expected, when signing fails.
  if (sign !== undefined)
    for (const name of ['agent.json', target.object, serviceProgram.name])
      await rm(join(outDirectory, name), { force: true });
  const native = `${work}-native`;
  const finish = async (made: string, architecture: 'x64' | 'arm64'): Promise<Uint8Array> => {
    if (sign !== undefined) await signFile(made, sign, signal);
    if (isWindows) await checkExecutable(made, { architecture, signed: sign !== undefined });
    return readFile(made);
  };
  const programs = isWindows ? [serviceProgram, ...scriptLibraries] : [];
  const compiled = Promise.all(
    programs.map(async (program) => compile(program, { folder: native, signal })),
  );
  const assets = compiled.then(async ([, ...libraries]) => {
    if (sign !== undefined) for (const each of libraries) await signFile(each, sign, signal);
    return libraries;
  });
  // Whoever asks for them is told; what fails before that is told by itself.
  assets.catch(() => {});
  try {
    const settings = { work, packagesDirectory, assets, signal, log };
    const content = await finish(
      await make(bundle.text(version), target, settings),
      target.architecture,
    );
    const object = isWindows ? content : packAgent(content);
    await assets;
    const [servicePath] = await compiled;
    const service = servicePath === undefined ? undefined : await finish(servicePath, 'x64');
    const build: AgentBuild = {
      sha256: hashOf(object),
      sizeBytes: object.length,
      version,
      compression: isWindows ? 'none' : 'zstd',
      system: target.system,
      architecture: target.architecture,
      signed: sign !== undefined,
      files:
        service === undefined
          ? []
          : [{ name: serviceProgram.name, sha256: hashOf(service), sizeBytes: service.length }],
    };
    await mkdir(outDirectory, { recursive: true });
    await rm(join(outDirectory, 'agent.json'), { force: true });
    await replaceFile(join(outDirectory, target.object), object);
    if (service !== undefined) await replaceFile(join(outDirectory, serviceProgram.name), service);
    await replaceFile(join(outDirectory, 'agent.json'), `${JSON.stringify(build, null, 2)}\n`);
    log(`agent: ${target.object} for ${target.name}, ${(object.length / 1e6).toFixed(1)} MB`);
    if (isWindows && !build.signed)
      log('agent: unsigned. Where Windows runs only signed programs, build it with --sign COMMAND');
    return build;
  } finally {
    await Promise.allSettled([assets]);
    for (const folder of [work, native]) await rm(folder, { recursive: true, force: true });
  }
}

/** Packs an executable for its way to a machine. */
export function packAgent(content: Uint8Array): Uint8Array {
  return zstdCompressSync(content, {
    params: {
      [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  });
}

/** What stands for the target's Nodes: their pins, or the bytes of the installed one. */
async function nodeHash({ node, builder }: AgentTarget): Promise<string> {
  const hash = createHash('sha256');
  for (const pack of new Set([node, builder]))
    hash.update(pack === 'installed' ? await readFile(installedNode) : pack.integrity);
  return hash.digest('hex');
}

async function readBuild(
  directory: string,
  { object, system, architecture }: AgentTarget,
  version: string,
): Promise<AgentBuild | undefined> {
  const text = await readFile(join(directory, 'agent.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { success, data } = AgentBuild.safeParse(JSON.parse(text));
  if (!success || data.version !== version || data.signed) return undefined;
  if (data.system !== system || data.architecture !== architecture) return undefined;
  for (const { name, sizeBytes } of [{ name: object, sizeBytes: data.sizeBytes }, ...data.files]) {
    const file = await stat(join(directory, name)).catch(() => undefined);
    if (file?.size !== sizeBytes) return undefined;
  }
  return data;
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', default: 'linux-x64' },
      out: { type: 'string' },
      cache: { type: 'string', default: join(cacheDirectory, 'boot-build') },
      sign: { type: 'string' },
      entry: { type: 'string' },
    },
  });
  const name = TargetName.safeParse(values.target);
  if (!name.success) {
    console.error(`--target ${values.target}: there are ${TargetName.options.join(', ')}`);
    process.exit(2);
  }
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  process.once('SIGTERM', () => abort.abort());
  const log = (line: string): void => console.log(line);
  const out = values.out ?? join(cacheDirectory, 'boot-images', agentTargets[name.data].folder);
  const options = {
    outDirectory: resolve(out),
    cacheDirectory: resolve(values.cache),
    target: name.data,
    ...(values.sign === undefined ? {} : { sign: values.sign }),
    ...(values.entry === undefined ? {} : { entry: resolve(values.entry) }),
    signal: abort.signal,
    log,
  };
  try {
    await withBuildLock(options.cacheDirectory, options, async () => buildAgent(options));
  } catch (error) {
    console.error(`agent: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
