import { describe, expect, it } from 'vitest';
import type { JournalMedium } from '../journal/medium.ts';
import { DrivenMachine } from '../simulated-machine/testing/driven-machine.ts';

const STEPS = 20;
/** The end of the last step, and of the run. */
const AT_THE_END = 2;

const disk = {
  step: 'Partition',
  type: 'format-disk',
  params: { partitions: [{ type: 'efi', size: { mb: 512 } }, { fileSystem: 'ext4' }] },
};
const command = (more: object = {}) => ({
  step: 'Command',
  type: 'run-command',
  params: { commandLine: 'tool' },
  ...more,
});

/** Drives steps after the one that makes the disk: from there on the journal is on its medium. */
async function drive(steps: readonly object[]) {
  const counts = { flushes: 0, writes: 0, bytes: 0 };
  let isRecords = false;
  const machine = new DrivenMachine({
    document: { name: 'Flushes', steps: [disk, ...steps] },
    programs: ['tool'],
    medium: (medium): JournalMedium => ({
      ...medium,
      async write(offset, bytes) {
        // Making the journal ends with the second copy of its header.
        if (isRecords) counts.writes += 1;
        if (isRecords) counts.bytes += bytes.length;
        await medium.write(offset, bytes);
      },
      async sync() {
        if (isRecords) counts.flushes += 1;
        await medium.sync();
      },
      async read() {
        // It is read back once, when it has been made.
        isRecords = true;
        return medium.read();
      },
    }),
  });
  const { result, journal } = await machine.runToEnd();
  expect(result.succeeded).toBe(true);
  expect(journal.inMemory).toBe(false);
  expect(machine.server.events).toEqual(journal.events);
  return { ...counts, runs: machine.runs('tool') };
}

const many = (step: object) => Array.from({ length: STEPS }, () => step);
const onVariable = { kind: 'variable', variable: 'Gone', operator: 'notExists' };
const onFolder = { kind: 'folder', path: '/gone' };

describe('M56 flushes of the journal', () => {
  it('is one for each step, beside those of its effects', async () => {
    const { flushes, writes, runs } = await drive(many(command()));
    expect(runs).toBe(STEPS);
    expect(flushes).toBe(STEPS + AT_THE_END);
    expect(writes).toBe(flushes);
  });

  it('is one also with a condition on variables, a group and a skipped step between', async () => {
    const step = {
      group: 'G',
      condition: { all: [onVariable, { none: [{ ...onVariable, operator: 'exists' }] }] },
      steps: [
        command({ condition: onVariable }),
        command({ condition: { ...onVariable, operator: 'exists' } }),
        command({ disabled: true }),
      ],
    };
    const { flushes, runs } = await drive(many(step));
    expect(runs).toBe(STEPS);
    expect(flushes).toBe(STEPS + AT_THE_END);
  });

  it('is one also with a condition that the machine answers promptly', async () => {
    const { flushes, runs } = await drive(
      many(command({ condition: { none: [onFolder, onFolder, onFolder] } })),
    );
    expect(runs).toBe(STEPS);
    // Two at most for each, were every answer late.
    expect(flushes).toBeLessThanOrEqual(2 * STEPS + AT_THE_END);
    expect(flushes).toBeLessThan(STEPS + STEPS / 2 + AT_THE_END);
  });

  it('is none for what is skipped', async () => {
    const skipped = command({ condition: { ...onVariable, operator: 'exists' } });
    const { flushes, runs } = await drive(many(skipped));
    expect(runs).toBe(0);
    expect(flushes).toBeLessThanOrEqual(AT_THE_END);
  });

  it('is one for a step that fails and is tolerated, and for what it prints', async () => {
    const tolerated = command({
      continueOnError: true,
      params: { commandLine: 'missing', outputVariable: 'Out' },
    });
    const { flushes } = await drive(many(tolerated));
    expect(flushes).toBe(STEPS + AT_THE_END);
  });
});
