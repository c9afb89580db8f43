import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Membership } from '../../sequence/network-capability.ts';
import { StepError } from '../../sequence/step-error.ts';
import { windowsGeneralize } from './generalize.ts';
import type { ToolCommand, ToolRun } from './run-tool.ts';
import { programExit } from './tools/exit-codes.ts';

const { signal } = new AbortController();
const READY = 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE';
let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'metalwright-sysprep-'));
});
afterEach(async () => rm(root, { recursive: true, force: true }));

const put = async (path: string, text = 'x', encoding: 'utf8' | 'utf16le' = 'utf8') => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text, encoding);
};

/** An installed Windows in a folder; `sysprep` says what its Sysprep does, and what Windows says of itself then. */
function windows({
  state = 'IMAGE_STATE_COMPLETE',
  sysprep = async () => ({ state: READY }),
  membership = { kind: 'workgroup', name: 'WORKGROUP' },
  encrypted = false,
  codes = {},
}: {
  state?: string;
  sysprep?: (command: ToolCommand) => Promise<{ state?: string; code?: number }>;
  membership?: Membership;
  encrypted?: boolean;
  codes?: Record<string, number>;
} = {}) {
  let now = state;
  const commands: string[] = [];
  const runTool = async (command: ToolCommand): Promise<ToolRun> => {
    const [path, ...args] = command.argv;
    const program = path.split(/[\\/]/).at(-1) ?? '';
    commands.push([program, ...args].join(' '));
    const ended: { state?: string; code?: number } =
      program === 'sysprep.exe' ? await sysprep(command) : { code: codes[program] ?? 0 };
    now = ended.state ?? now;
    const code = ended.code ?? 0;
    if (code !== 0 && command.allowed !== 'any') throw new StepError('tool.failed', `${code}`);
    return { code, stdout: '', output: '', exit: programExit(program, code) };
  };
  const generalize = windowsGeneralize({
    runTool,
    systemRoot: root,
    identity: { architecture: 'arm64', firmware: 'uefi', secureBoot: true },
    registry: {
      read: async () => ({ value: { type: 'REG_SZ', data: now } }),
      tree: async () => [],
    },
    scratch: async (files) => {
      const folder = await mkdtemp(join(root, 'scratch-'));
      for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
      return {
        path: folder,
        file: (name) => join(folder, name),
        [Symbol.asyncDispose]: async () => rm(folder, { recursive: true }),
      };
    },
    network: { membership: async () => membership },
    isEncrypted: async () => encrypted,
    clientCache: join(root, 'ccmcache'),
  });
  const run = async (keepActivation = false) => {
    const running = generalize.generalize({ keepActivation }, signal);
    for (;;) {
      const step = await running.next();
      if (step.done === true) return step.value;
    }
  };
  return { run, commands, generalize };
}

describe('M44 preparing an installed Windows', () => {
  it('runs Sysprep, and believes what Windows says of itself then', async () => {
    const { run, commands } = windows();
    expect(await run()).toEqual({ systemRoot: root });
    expect(commands).toEqual(['sysprep.exe /generalize /oobe /quit /quiet']);
    // Again, after an attempt that was cut off behind it.
    await run();
    expect(commands).toHaveLength(1);
  });

  it('keeps the activation by an answer file, for the architecture of the machine', async () => {
    let answers = '';
    const { run } = windows({
      sysprep: async ({ argv }) => {
        const path = argv.find((word) => word.startsWith('/unattend:'))?.slice(10) ?? '';
        answers = await readFile(path, 'utf8');
        return { state: READY };
      },
    });
    await run(true);
    expect(answers).toContain('pass="generalize"');
    expect(answers).toContain('<SkipRearm>1</SkipRearm>');
    expect(answers).toContain('processorArchitecture="arm64"');
    expect(await readdir(root)).toEqual([]);
  });

  it.each([
    [{ membership: { kind: 'domain', name: 'CORP' } as const }, 'capture.domain', /CORP/],
    [{ encrypted: true }, 'capture.encrypted', /BitLocker/],
    [{ state: 'IMAGE_STATE_UNDEPLOYABLE' }, 'capture.sysprep-interrupted', /middle/],
  ])('refuses %j before it begins', async (facts, code, message) => {
    const { run, commands } = windows(facts);
    await expect(run()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(commands).toEqual([]);
  });

  it.each([
    [
      'SYSPRP Package Microsoft.Foo_1.0 was installed for a user, but not provisioned for all users. This package will not function properly in the sysprep image.[gle=0x00000000]',
      /provision it for all/,
      'utf8' as const,
    ],
    [
      'SYSPRP Audit mode cannot be turned on if reserved storage is in use; hr = 0x800F0975',
      /Windows Update/,
      'utf16le' as const,
    ],
    ['SYSPRP RunExternalDlls: 0xc004d307', /keepActivation/, 'utf8' as const],
    ['SYSPRP BitLocker-Sysprep: 0x80310039', /manage-bde -off/, 'utf8' as const],
    ['SYSPRP something else', /setupact\.log/, 'utf8' as const],
  ])('tells why Sysprep failed, though it ended with 0: %s', async (line, hint, encoding) => {
    const text = `${encoding === 'utf16le' ? '\ufeff' : ''}2026-01-02 03:04:05, Info SYSPRP started\r\n2026-01-02 03:04:06, Error                 ${line}\r\n`;
    const { run } = windows({
      sysprep: async () => {
        // The folders are one name in a Linux.
        await put(join('System32', 'Sysprep', 'Panther', 'setuperr.log'), text, encoding);
        return { code: 0 };
      },
    });
    await expect(run()).rejects.toMatchObject({
      code: 'capture.sysprep',
      message: expect.stringContaining('IMAGE_STATE_COMPLETE'),
      hint: expect.stringMatching(hint),
    });
  });

  it('takes the identity of a client away, or lets it remove itself', async () => {
    await put('SMSCFG.ini');
    await put('ccmcache/1/setup.exe');
    await put('ccmsetup/ccmsetup.exe');
    const { generalize, commands } = windows({ codes: { 'net.exe': 2 } });
    const done = await generalize.forgetClient({ uninstall: false }, signal);
    expect(commands).toEqual([
      'net.exe stop ccmexec /y',
      'reg.exe delete HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\SMS\\Certificates /f',
    ]);
    expect(done[0]).toContain('did not stop');
    expect(await readdir(root)).toEqual(['ccmsetup']);

    const other = windows();
    await other.generalize.forgetClient({ uninstall: true }, signal);
    expect(other.commands[0]).toBe('ccmsetup.exe /uninstall');

    const failing = windows({ codes: { 'ccmsetup.exe': 7 } });
    await expect(
      failing.generalize.forgetClient({ uninstall: true }, signal),
    ).rejects.toMatchObject({ code: 'capture.client' });
  });
});
