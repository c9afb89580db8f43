import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cacheDirectory } from '../cache-directory.ts';
import { missingForWine, prepareWineRoot } from '../lab/wine/root.ts';
import { runInWine, wineMachine } from '../lab/wine/session.ts';
import { bundleAgent } from './bundle.ts';
import { nodeBinary } from './node-package.ts';
import { agentTargets } from './target.ts';

/** The drives of Windows by Node for Windows, under Wine: calls, programs, time-outs. */
const { signal } = new AbortController();
const missing = await missingForWine();
if (missing.length > 0 && process.env['REQUIRE_PEERS'] === '1')
  throw new Error(`missing: ${missing.join(', ')}`);

it.skipIf(missing.length > 0)(
  `M53 Windows is driven by its own calls and programs (missing: ${missing.join(', ')})`,
  { timeout: 300_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'windows-drives-'));
    try {
      const packagesDirectory = join(cacheDirectory, 'boot-build/node');
      await nodeBinary(agentTargets['windows-x64'].node, {
        packagesDirectory,
        folder,
        signal,
        log: () => {},
      });
      const entry = join(
        import.meta.dirname,
        '../../agent/platform/windows/testing/drive-windows.ts',
      );
      await writeFile(join(folder, 'drive.cjs'), (await bundleAgent(entry)).text('test'));
      const root = await prepareWineRoot({ signal, log: () => {} });
      const mounts = [{ host: folder, inside: '/tmp/mw' }];
      const machine = await wineMachine(root, join(folder, 'changes'), { mounts, signal });
      const argv = [
        'Z:\\tmp\\mw\\node.exe',
        'Z:\\tmp\\mw\\drive.cjs',
        'Z:\\tmp\\mw\\seen.json',
      ] as const;
      const { output } = await runInWine(machine, [...argv], {
        logFile: join(folder, 'log'),
        timeoutMs: 120_000,
      });
      const text = await readFile(join(folder, 'seen.json'), 'utf8').catch(() => output);
      const seen: unknown = JSON.parse(text);
      expect(seen).toMatchObject({
        volumes: expect.arrayContaining([['C:\\']]),
        architecture: 'x64',
        environment: { code: 0, output: 'PC 1\r\n', timedOut: false },
        batch: { code: 7, output: expect.stringMatching(/^\[a /) },
        line: { code: 7, output: expect.stringMatching(/^\[one two\] \[three\]/) },
        missing: 'process.not-found',
        hung: { timedOut: true },
        // Wine has no firmware: ERROR_INVALID_FUNCTION, and not a call that Node could not make.
        firmwareVariable: 1,
        membership: { code: 0, membership: { kind: 'workgroup' } },
      });
      const { hungMs, smbiosBytes } = Object(seen);
      expect(hungMs).toBeLessThan(30_000);
      expect(smbiosBytes).toBeGreaterThan(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
