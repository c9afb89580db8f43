import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { SimulatedDevice } from '#agent/simulated-machine/device.ts';
import type { SimulationReport } from '#agent/simulated-machine/report.ts';
import { simulate } from '#agent/simulated-machine/simulate.ts';
import { steps } from '#agent/steps/index.ts';
import { readDocumentText } from '../document-text.ts';
import { templates } from './index.ts';
import { documentValue } from './template-document.ts';
import { answerSets } from './testing/answer-sets.ts';

type Answers = Readonly<Record<string, unknown>>;

const names = [
  'laptop',
  'desktop',
  'arm-board',
  'windows-laptop',
  'windows-desktop',
  'windows-in-use',
  'windows-arm',
] as const;
const devices = new Map<string, SimulatedDevice>();
beforeAll(async () => {
  for (const name of names) {
    const file = `${import.meta.dirname}/../../docs/examples/devices/${name}.yaml`;
    const { value } = readDocumentText(await readFile(file, 'utf8'));
    devices.set(name, SimulatedDevice.parse(value));
  }
});

/** Devices that a sequence of these answers is for. */
function fitting(template: string, { platform, partition = 'both' }: Answers): readonly string[] {
  if (template === 'upgrade') return ['windows-in-use'];
  if (template === 'custom') return names;
  const all = platform === 'linux' ? names.slice(0, 3) : names.slice(3);
  const byFirmware = all.filter(
    (name) => partition === 'both' || (partition === 'bios') === name.includes('desktop'),
  );
  return partition === 'none' ? ['windows-in-use'] : byFirmware;
}

async function run(
  template: string,
  answers: Answers,
  name: string,
  fail: readonly { node: string; code: number }[] = [],
): Promise<SimulationReport> {
  const made = templates.find((one) => one.name === template)?.make(answers);
  const device = devices.get(name);
  if (made === undefined || device === undefined) throw new Error(`${template}, ${name}`);
  const sequence = parseTaskSequence(documentValue(made), steps);
  const content = { packages: [], others: 'assumed' } as const;
  return simulate({ sequence, registry: steps, device, content, fail });
}

const ran = (report: SimulationReport): string[] =>
  report.nodes
    .filter(({ outcome, kind }) => outcome === 'runs' && kind === 'step')
    .map(({ name }) => name);

describe('M13 each template, simulated to a successful end', () => {
  const cases = answerSets.flatMap(({ name, template, answers }) =>
    fitting(template, answers).map((device) => ({ name, template, answers, device })),
  );
  it.each(cases)('$name on $device', async ({ template, answers, device }) => {
    const report = await run(template, answers, device);
    expect(report.result).toMatchObject({ succeeded: true, error: null });
    expect(report.findings).toEqual([]);
    expect(report.counts.fails).toBe(0);
    const later = report.notes.filter((note) => note.includes('has no action yet'));
    const comeLater = report.nodes.some(
      ({ outcome, type }) => outcome === 'runs' && steps[type ?? '']?.action === 'later',
    );
    expect(later).toHaveLength(comeLater ? 1 : 0);
  });

  it('has a case for each firmware, architecture and way to begin', () => {
    expect(new Set(cases.map(({ device }) => device))).toEqual(new Set(names));
    expect(cases.length).toBeGreaterThan(30);
  });
});

const refresh = answerSets.find(({ name }) => name.includes('with everything'))?.answers ?? {};
const links = answerSets.find(({ name }) => name.includes('hard links'))?.answers ?? {};
const upgrade = answerSets.find(({ name }) => name === 'upgrade: what is needed')?.answers ?? {};

describe('M13 a machine that is set up anew', () => {
  it('has its state captured in its Windows, and restored in the new one', async () => {
    const report = await run('install', refresh, 'windows-in-use');
    const order = ran(report);
    const at = (name: string) => order.indexOf(name);
    expect(order.slice(0, 3)).toEqual([
      'Disable BitLocker',
      'Capture Windows Settings',
      'Capture Network Settings',
    ]);
    expect(at('Capture User State')).toBeLessThan(at('Restart in Windows PE'));
    expect(at('Restart in Windows PE')).toBeLessThan(at('Partition Disk 0 - UEFI'));
    expect(at('Restore User State')).toBe(order.length - 2);
    expect(order).not.toContain('Stop if the state was not captured');
    const environments = report.nodes
      .filter(({ kind, outcome }) => kind === 'step' && outcome === 'runs')
      .map(({ environment }) => environment);
    expect(new Set(environments.slice(0, at('Partition Disk 0 - UEFI')))).toEqual(
      new Set(['full-os']),
    );
    expect(environments[at('Apply Operating System')]).toBe('winpe');
    expect(environments.at(-1)).toBe('full-os');
  });

  it('keeps its disk where the state could not be captured', async () => {
    const report = await run('install', refresh, 'windows-in-use', [
      { node: 'Capture User State', code: 11 },
    ]);
    expect(report.result).toMatchObject({
      succeeded: false,
      failedAt: { name: 'Stop if the state was not captured' },
    });
    expect(ran(report)).toContain('Release State Store');
    expect(ran(report)).not.toContain('Partition Disk 0 - UEFI');
  });

  it('keeps its disk where the state is on it; a bare machine has none, and is partitioned', async () => {
    const inUse = ran(await run('install', links, 'windows-in-use'));
    expect(inUse.filter((name) => name.startsWith('Partition'))).toEqual([]);
    expect(inUse).toContain('Restore User State');
    expect(inUse).not.toContain('Pre-provision BitLocker');
    const bare = ran(await run('install', links, 'windows-laptop'));
    expect(bare).toContain('Partition Disk 0 - UEFI');
    expect(bare).toContain('Pre-provision BitLocker');
    expect(bare).not.toContain('Restore User State');
  });
});

describe('M13 an upgrade', () => {
  it('that fails runs the actions for that, and ends as failed', async () => {
    const report = await run('upgrade', upgrade, 'windows-in-use', [
      { node: 'Upgrade Operating System', code: 0xc1900208 },
    ]);
    expect(report.result).toMatchObject({
      succeeded: false,
      failedAt: { name: 'Report the failure' },
    });
    const post = report.nodes.find(({ name }) => name === 'Post-Processing');
    expect(post?.outcome).toBe('skipped');
  });

  it('is refused by a machine that is not fit for it', async () => {
    const report = await run('upgrade', { ...upgrade, minimumMemoryMb: 65_536 }, 'windows-in-use');
    expect(report.result).toMatchObject({
      succeeded: false,
      error: { code: 'readiness.failed' },
    });
    expect(ran(report)).toEqual([]);
  });
});
