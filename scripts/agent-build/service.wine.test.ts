import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingForWine, prepareWineRoot } from '../lab/wine/root.ts';
import { runInWine, type WineMachine, wineMachine } from '../lab/wine/session.ts';
import { compileNative, compilerIsThere, serviceProgram } from './native.ts';

/** The service and a stand-in for the agent, run by Wine. */
const { signal } = new AbortController();
const missing = [
  ...(await missingForWine()),
  ...((await compilerIsThere('x64')) ? [] : ['mingw-w64']),
];
if (missing.length > 0 && process.env['REQUIRE_PEERS'] === '1')
  throw new Error(`missing: ${missing.join(', ')}`);

let folder = '';
let machine: WineMachine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'service-'));
  if (missing.length > 0) return;
  const inside = join(folder, 'Metalwright');
  await compileNative(serviceProgram, { folder: inside, signal });
  const standIn = {
    ...serviceProgram,
    name: 'metalwright-agent.exe',
    source: 'testing/agent-stand-in.c',
  };
  await compileNative(standIn, { folder: inside, signal });
  const root = await prepareWineRoot({ signal, log: () => {} });
  const mounts = [{ host: inside, inside: '/tmp/mw' }];
  machine = await wineMachine(root, join(folder, 'changes'), { mounts, signal });
}, 300_000);
afterAll(async () => rm(folder, { recursive: true, force: true }));

describe.skipIf(missing.length > 0)(
  `M43 the service, by Wine (missing: ${missing.join(', ')})`,
  { timeout: 120_000 },
  () => {
    it('is the same bytes each time, and imports nothing but system libraries', async () => {
      const built = await Promise.all(
        ['one', 'another-folder'].map(async (name) =>
          readFile(await compileNative(serviceProgram, { folder: join(folder, name), signal })),
        ),
      );
      expect(built[0]?.equals(built[1] ?? Buffer.of())).toBe(true);
      const text = built[0]?.toString('latin1') ?? '';
      expect(text.match(/[A-Za-z0-9-]+\.dll/g)).toEqual([
        'ADVAPI32.dll',
        'KERNEL32.dll',
        'USER32.dll',
      ]);
    });

    it('starts the agent again after a crash, and ends when the run is over', async () => {
      const { code, log, output } = await run('221', ['--restart-delay', '50']);
      expect(output).toBe('agent: 2\r\nagent: 2\r\nagent: 1\r\n');
      expect(log.slice(-3)).toEqual([
        'the agent starts again in 100 ms',
        'starting the agent',
        'the agent ended with 1',
      ]);
      expect(code).toBe(0);
    });

    it('gives up after so many crashes in a row', async () => {
      const { code, log } = await run('222222', ['--restart-delay', '50', '--restart-limit', '3']);
      expect(log.filter((line) => line === 'the agent ended with 2')).toHaveLength(3);
      expect(log.at(-1)).toContain('giving up after 3 crashes in a row');
      // ERROR_PROCESS_ABORTED is 1067: an exit code of Linux has its last 8 bits.
      expect(code).toBe(1067 & 0xff);
    });

    it('tells that there is no agent, and refuses a word that it does not know', async () => {
      const { log } = await run('', ['--restart-delay', '50', '--restart-limit', '1'], {
        agent: false,
      });
      expect(log).toContain('metalwright-agent.exe could not be started: error 2');
      expect((await run('', ['--restart-limit', 'many'])).log).toEqual([
        'the command line has a word that is not known',
      ]);
    });

    it('is a service: waits for the end of Windows Setup, and ends the agent when it is stopped', async () => {
      const setup = 'HKLM\\SYSTEM\\Setup /v OOBEInProgress /t REG_DWORD /f /d';
      const { log, output, batch } = await run('s', [], {
        batch: [
          'sc create MetalwrightAgent binPath= Z:\\tmp\\mw\\metalwright-service.exe start= demand',
          `reg add ${setup} 1`,
          'sc start MetalwrightAgent',
          'ping -n 5 127.0.0.1',
          `reg add ${setup} 0`,
          'ping -n 6 127.0.0.1',
          'sc query MetalwrightAgent',
          'tasklist',
          'echo stopping',
          'sc stop MetalwrightAgent',
          'ping -n 2 127.0.0.1',
          'sc query MetalwrightAgent',
          'tasklist',
        ],
      });
      expect(output).toBe('agent: s\r\n');
      expect(log).toEqual([
        'started',
        'Windows Setup runs: waiting for its end',
        'starting the agent',
        'stopping: the agent is ended',
      ]);
      const [before = '', after = ''] = batch.split('\r\nstopping');
      expect(before).toContain('4  RUNNING');
      expect(before).toContain('metalwright-agent.exe');
      expect(after).toContain('1  STOPPED');
      expect(after).not.toContain('metalwright-');
      expect(after).not.toContain('ping.exe');
    });
  },
);

async function run(
  ends: string,
  words: readonly string[],
  options: { readonly agent?: boolean; readonly batch?: readonly string[] } = {},
): Promise<{ code: number | null; log: string[]; output: string; batch: string }> {
  const inside = join(folder, 'Metalwright');
  for (const name of await readdir(inside)) if (name.endsWith('.log')) await rm(join(inside, name));
  await writeFile(join(inside, 'ends.txt'), ends);
  const agent = join(inside, 'metalwright-agent.exe');
  if (options.agent === false) {
    await copyFile(agent, join(folder, 'agent.exe'));
    await rm(agent);
  }
  await writeFile(
    join(inside, 'test.bat'),
    `@echo off\r\n${(options.batch ?? []).join('\r\n')}\r\n`,
  );
  const service = ['Z:\\tmp\\mw\\metalwright-service.exe', '--console', ...words] as const;
  const batch = ['cmd', '/c', 'Z:\\tmp\\mw\\test.bat'] as const;
  const started = await runInWine(machine, options.batch === undefined ? service : batch, {
    logFile: join(folder, 'wine.log'),
    timeoutMs: 110_000,
  });
  if (options.agent === false) await copyFile(join(folder, 'agent.exe'), agent);
  const [log, output] = await Promise.all(
    ['metalwright-service.log', 'metalwright-agent.out.log'].map(async (name) =>
      readFile(join(inside, name), 'utf8').catch(() => ''),
    ),
  );
  // Each line begins with its time.
  const lines = (log ?? '').split('\r\n').map((line) => line.replace(/^\S+Z /, ''));
  return {
    code: started.code,
    log: lines.filter((line) => line !== ''),
    output: output ?? '',
    batch: started.output,
  };
}
