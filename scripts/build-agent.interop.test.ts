import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallProgram } from '#boot/pe-header.testing.ts';
import { bundleAgent } from './agent-build/bundle.ts';
import { makeExecutable } from './agent-build/executable.ts';
import type { AgentTarget } from './agent-build/target.ts';
import { type AgentBuildOptions, buildAgent } from './build-agent.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'build-agent-'));
  await writeFile(join(folder, 'entry.ts'), "console.log('it', 'starts');");
  await mkdir(join(folder, 'package/bin'), { recursive: true });
  const node = smallProgram({ machine: 0xaa64, text: FUSE, signature: { size: SIGNATURE.length } });
  await writeFile(join(folder, 'package/bin/node.exe'), node);
  execFileSync('tar', ['-czf', 'node-small-1.0.0.tgz', 'package'], { cwd: folder });
  const signer = `const { readFileSync, writeFileSync } = require('node:fs');
    const [path] = process.argv.slice(2);
    if (readFileSync(path).length !== 0x400) process.exit(9);
    writeFileSync(path, Buffer.from('${Buffer.from(smallProgram({ signature: { size: 8 } })).toString('base64')}', 'base64'));`;
  await writeFile(join(folder, 'signer.cjs'), signer);
});
afterAll(async () => rm(folder, { recursive: true }));

const { signal } = new AbortController();
/** What Node's single-executable build looks for in the Node that it gets. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0';
const SIGNATURE = Buffer.alloc(16, 0xaa);

/** A Windows target whose Node is a small program with a signature. */
async function smallTarget(): Promise<
  Pick<AgentTarget, 'system' | 'architecture' | 'node' | 'builder'>
> {
  const archive = await readFile(join(folder, 'node-small-1.0.0.tgz'));
  const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  const node = { name: 'node-small', version: '1.0.0', integrity, file: 'bin/node.exe' };
  return { system: 'windows', architecture: 'arm64', node, builder: 'installed' };
}

describe('the packaged agent', () => {
  it('is the same bytes for the same sources, in whatever folder it is built', async () => {
    const [one, other] = await Promise.all([bundleAgent(), bundleAgent()]);
    expect(one.text('1')).toBe(other.text('1'));
    expect(one.hash).toBe(other.hash);
    const builds = ['one', 'a-longer-name'].map(async (name) => {
      const options = {
        work: join(folder, name),
        packagesDirectory: folder,
        signal,
        log: () => {},
      };
      return readFile(await makeExecutable('const is = "in here";', await smallTarget(), options));
    });
    const [made, again] = await Promise.all(builds);
    expect(made?.equals(again ?? Buffer.of())).toBe(true);
    expect(made?.includes('const is = "in here";')).toBe(true);
    expect(made?.includes(SIGNATURE)).toBe(false);
  });

  it('says that it is unsigned, and is not built twice', async () => {
    const lines: string[] = [];
    const made = await buildAgent(windows('unsigned', lines));
    expect(made).toMatchObject({ signed: false, system: 'windows', architecture: 'x64' });
    expect(made.files).toMatchObject([{ name: 'metalwright-service.exe', sizeBytes: 0x400 }]);
    expect(lines.at(-1)).toContain('unsigned');
    expect(await buildAgent(windows('unsigned', lines))).toEqual(made);
    expect(lines.at(-1)).toContain('nothing changed');
    expect(await readdir(join(folder, 'unsigned'))).toEqual([
      'agent.json',
      'metalwright-agent.exe',
      'metalwright-service.exe',
    ]);
    await rm(join(folder, 'unsigned/metalwright-service.exe'));
    expect(await buildAgent(windows('unsigned', lines))).toEqual(made);
    expect(lines.at(-1)).toContain('unsigned');
    expect(await readdir(join(folder, 'unsigned'))).toContain('metalwright-service.exe');
  });

  it('is signed by a command, and checked after it', async () => {
    const lines: string[] = [];
    const sign = `${process.execPath} ${join(folder, 'signer.cjs')}`;
    const made = await buildAgent({ ...windows('signed', lines), sign });
    expect(made).toMatchObject({ signed: true, sizeBytes: 0x408, files: [{ sizeBytes: 0x408 }] });
    expect(lines.join('\n')).not.toContain('unsigned');
    // Without --sign it is another one.
    expect(await buildAgent(windows('signed', lines))).toMatchObject({ signed: false });
  });

  it.each([
    ['false', 'ended with 1'],
    ['true', 'has no signature after signing'],
  ])('is not there when signing by %j fails, nor is an older one', async (sign, message) => {
    await buildAgent(windows(sign, []));
    await expect(buildAgent({ ...windows(sign, []), sign })).rejects.toThrow(message);
    expect(await readdir(join(folder, sign))).toEqual([]);
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
  });

  it('is signed for Windows alone', async () => {
    const linux = { ...windows('linux', []), target: 'linux-x64', sign: 'true' } as const;
    await expect(buildAgent(linux)).rejects.toThrow('--sign is for Windows');
  });
});

/** A build whose executable is a small program without a Node inside. */
function windows(out: string, lines: string[]): AgentBuildOptions {
  return {
    outDirectory: join(folder, out),
    cacheDirectory: join(folder, 'cache'),
    target: 'windows-x64',
    entry: join(folder, 'entry.ts'),
    make: async (_bundle, _target, { work }) => {
      await mkdir(work, { recursive: true });
      await writeFile(join(work, 'agent.exe'), smallProgram());
      return join(work, 'agent.exe');
    },
    compile: async ({ name }, { folder: to }) => {
      await mkdir(to, { recursive: true });
      await writeFile(join(to, name), smallProgram());
      return join(to, name);
    },
    signal,
    log: (line) => lines.push(line),
  };
}
