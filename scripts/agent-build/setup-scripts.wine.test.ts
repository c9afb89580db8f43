import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removalText } from '#agent/windows-setup/removal-script.ts';
import { errorHandlerText, setupCompleteText } from '#agent/windows-setup/setup-scripts.ts';
import { missingForWine, prepareWineRoot } from '../lab/wine/root.ts';
import { runInWine, wineMachine } from '../lab/wine/session.ts';

/** The scripts that Windows Setup runs, by the cmd of Wine. */
const { signal } = new AbortController();
const missing = await missingForWine();
if (missing.length > 0 && process.env['REQUIRE_PEERS'] === '1')
  throw new Error(`missing: ${missing.join(', ')}`);

const SCRIPTS = 'C:\\windows\\Setup\\Scripts';

it.skipIf(missing.length > 0)(
  `M53 cmd runs SetupComplete.cmd, ErrorHandler.cmd and the removal (missing: ${missing.join(', ')})`,
  { timeout: 240_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'setup-scripts-'));
    try {
      const root = await prepareWineRoot({ signal, log: () => {} });
      const machine = await wineMachine(root, join(folder, 'changes'), { mounts: [], signal });
      const windows = join(machine.folder, 'drive_c/windows');
      const agent = join(windows, 'Metalwright');
      const scripts = join(windows, 'Setup/Scripts');
      for (const made of [agent, scripts]) await mkdir(made, { recursive: true });
      // One that ends its shell and takes itself away, as those of people do.
      const own = '@echo off\r\necho own>"%~dp0ran.txt"\r\ndel "%~f0"\r\nexit 5\r\n';
      const files = {
        'SetupComplete.cmd': setupCompleteText(),
        'SetupComplete.metalwright-original.cmd': own,
        'ErrorHandler.cmd': errorHandlerText(),
        'remove.cmd': removalText(),
      };
      for (const [name, text] of Object.entries(files)) await writeFile(join(scripts, name), text);
      await writeFile(join(agent, 'metalwright-agent.exe'), 'MZ');
      const run = async (name: string) =>
        runInWine(machine, ['cmd.exe', '/d', '/c', `${SCRIPTS}\\${name}`], {
          logFile: join(folder, 'log'),
          timeoutMs: 100_000,
        });
      const marker = async (name: string) =>
        readFile(join(agent, name), 'utf8').catch(() => undefined);

      expect((await run('SetupComplete.cmd')).code).toBe(0);
      expect(existsSync(join(scripts, 'ran.txt'))).toBe(true);
      expect(await marker('setup-complete')).toBe('Windows Setup is over\r\n');
      expect(await marker('setup-failed')).toBeUndefined();

      expect((await run('ErrorHandler.cmd')).code).toBe(0);
      expect(await marker('setup-failed')).toBe('Windows Setup has failed\r\n');

      await run('remove.cmd');
      expect(existsSync(agent)).toBe(false);
      expect(existsSync(join(scripts, 'remove.cmd'))).toBe(false);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
