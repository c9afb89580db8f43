import { describe, expect, it } from 'vitest';
import { StepError } from '../../sequence/step-error.ts';
import { windowsPower } from './power.ts';
import type { RunWindowsTool } from './run-tool.ts';

describe('M56 a restart of Windows', () => {
  it.each([
    ['winpe', 'wpeutil.exe reboot'],
    ['full-os', 'shutdown.exe /r /f /t 0'],
  ] as const)(
    'in %s: volumes are flushed, one that refuses is told, then %s',
    async (environment, line) => {
      const done: string[] = [];
      const runTool: RunWindowsTool = async ({ argv }) => {
        done.push(argv.join(' '));
        return { code: 0, exit: { outcome: 'done', meaning: '' }, stdout: '', output: '' };
      };
      const power = windowsPower({
        environment,
        runTool,
        win32: {
          volumes: () => ['cd', 'c'],
          flushVolume: (volume) => {
            if (volume === 'cd') throw new Error('not ready');
            done.push(`flush ${volume}`);
          },
        },
        log: (message) => done.push(message),
        wait: async () => {},
      });
      await expect(power.restart('disk')).rejects.toMatchObject({ code: 'power.restart' });
      expect(done).toEqual([
        expect.stringContaining('cd is not flushed'),
        'flush c',
        expect.stringContaining(line),
      ]);
    },
  );

  it('a tool that fails is an error, not a machine that waits', async () => {
    const power = windowsPower({
      environment: 'winpe',
      runTool: async () => {
        throw new StepError('tool.failed', 'wpeutil');
      },
      win32: undefined,
      log() {},
      wait: async () => Promise.reject(new Error('waited')),
    });
    await expect(power.restart('pe')).rejects.toMatchObject({ code: 'tool.failed' });
  });
});
