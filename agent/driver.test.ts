import { describe, expect, it, vi } from 'vitest';
import { ContentManifest } from './protocol/content.ts';
import { Restarted } from './simulated-machine/power.ts';
import { DrivenMachine, type DrivenOptions } from './simulated-machine/testing/driven-machine.ts';
import type { Network } from './simulated-machine/testing/fake-server.ts';

const GB = 1024 ** 3;
const manifest = ContentManifest.parse({
  packageId: 'MWL00001',
  version: 1,
  name: 'Debian 12',
  kind: 'os-image',
  objects: [{ path: 'os.wim', sizeBytes: 1000, sha256: 'ab'.repeat(32), chunks: [] }],
  images: [{ index: 1, name: 'Debian', architecture: 'x64', totalBytes: GB, kind: 'linux' }],
});
const command = (name: string) => ({
  step: name,
  type: 'run-command',
  params: { commandLine: name },
});
const document = {
  name: 'Install',
  steps: [
    command('first'),
    {
      step: 'Partition',
      type: 'format-disk',
      params: {
        partitions: [
          { type: 'efi', size: { mb: 512 } },
          { name: 'root', fileSystem: 'ext4', variable: 'OSVolume' },
        ],
      },
    },
    {
      step: 'Apply',
      type: 'apply-image',
      params: { image: { id: 'MWL00001' }, destination: { variable: 'OSVolume' } },
    },
    command('in-pe'),
    { step: 'Restart', type: 'restart', params: { target: 'hd' } },
    command('in-os'),
  ],
};
const commands = ['first', 'in-pe', 'in-os'];
const content = {
  [manifest.packageId]: { kind: 'found' as const, manifest, sources: ['http://dp'] },
};

/** The installation above, on a machine of its own. */
class Bench extends DrivenMachine {
  constructor(options: Omit<DrivenOptions, 'document' | 'content' | 'programs'> = {}) {
    super({ document, content, programs: commands, ...options });
  }
}

/** Whatever happened: nothing ran twice, and the run has ended in words. */
function expectSound(bench: Bench, succeeded: boolean, code: string | undefined): void {
  const { events } = bench.server;
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(bench.facts('run-finished')).toHaveLength(1);
  for (const name of commands) expect(bench.runs(name)).toBeLessThanOrEqual(1);
  if (succeeded) expect(commands.map((name) => bench.runs(name))).toEqual([1, 1, 1]);
  else expect(code).toBe('run.interrupted');
}

describe('M56 a run through restarts and power cuts', () => {
  it('ends on this machine and on the server alike', async () => {
    const bench = new Bench();
    const { result, journal } = await bench.runToEnd();
    expect(result.succeeded).toBe(true);
    expect(journal.events).toEqual(bench.server.events);
    expect(journal.inMemory).toBe(false);
    expect(bench.starts).toBe(2);
    expectSound(bench, true, undefined);
  });

  it('runs nothing twice and skips nothing, wherever the power is cut on the machine', async () => {
    const whole = new Bench();
    await whole.runToEnd();
    const endings = new Set<string>();
    for (let cut = 1; cut <= whole.machine.power.moment; cut += 1) {
      const bench = new Bench({ machineCut: cut });
      const { result } = await bench.runToEnd();
      expectSound(bench, result.succeeded, result.error?.code);
      endings.add(result.error?.code ?? 'succeeded');
    }
    expect(endings).toEqual(new Set(['succeeded', 'run.interrupted']));
  });

  it('goes back to the PE when the firmware starts the half-made OS after a power cut', async () => {
    const whole = new Bench();
    await whole.runToEnd();
    let wentBack = 0;
    for (let cut = 1; cut <= whole.machine.power.moment; cut += 1) {
      const bench = new Bench({ machineCut: cut, diskFirst: true });
      const { result } = await bench.runToEnd();
      expectSound(bench, result.succeeded, result.error?.code);
      if (bench.facts('restart-requested').length > 1) wentBack += 1;
    }
    expect(wentBack).toBeGreaterThan(0);
  });

  it('runs nothing twice and skips nothing, wherever it is cut between journal and server', async () => {
    const whole = new Bench();
    await whole.runToEnd();
    for (let cutAt = 1; cutAt <= whole.moments; cutAt += 1) {
      const bench = new Bench({ cutAt });
      const { result } = await bench.runToEnd();
      expectSound(bench, result.succeeded, result.error?.code);
    }
  });

  it.each([
    { name: 'lost', network: (post: number) => (post % 3 === 0 ? 'well' : 'lost') },
    { name: 'answered in vain', network: (post: number) => (post % 2 === 0 ? 'well' : 'ack-lost') },
    { name: 'doubled', network: () => 'twice' },
  ] satisfies { name: string; network: Network }[])(
    'keeps each event once when posts are $name',
    async ({ network }) => {
      const bench = new Bench({ network });
      const { result, journal } = await bench.runToEnd();
      expect(result.succeeded).toBe(true);
      expect(bench.server.events).toEqual(journal.events);
    },
  );

  it('runs and erases nothing before the server has the step, while no disk keeps the journal', async () => {
    let away = true;
    const bench = new Bench({ network: () => (away ? 'lost' : 'well') });
    const running = bench.runToEnd();
    await vi.waitUntil(() => bench.waited.includes('Waiting for the server before "first"'));
    expect(bench.runs('first')).toBe(0);
    expect(bench.machine.storage.list()[0]?.partitions).toEqual([]);
    away = false;
    expect((await running).result.succeeded).toBe(true);
  });

  it('goes on with the server’s copy where the journal is behind or gone', async () => {
    const bench = new Bench({ cutAt: 3 });
    const { result } = await bench.runToEnd();
    expectSound(bench, result.succeeded, result.error?.code);
    expect(bench.facts('resumed')[0]).toMatchObject({ from: 'server' });
  });

  it('stops when another machine went on with the run', async () => {
    const bench = new Bench();
    await expect(bench.start()).rejects.toBeInstanceOf(Restarted);
    const other = bench.server.events.at(-1);
    if (!other) throw new Error('no events');
    bench.server.events[bench.server.events.length - 1] = { ...other, atMs: 99_999 };
    await expect(bench.start()).rejects.toThrow(expect.objectContaining({ code: 'run.forked' }));
  });

  it('M43 ends before the first step when the disk is too small, and writes nothing', async () => {
    const bench = new Bench({ disks: [1 * GB] });
    const { result } = await bench.runToEnd();
    expect(result.error?.code).toMatch(/^(disk|image)\./);
    expect(bench.facts('step-started')).toEqual([]);
    expect(bench.machine.storage.list()[0]?.partitions).toEqual([]);
  });
});
