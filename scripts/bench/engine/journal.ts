import { setTimeout as wait } from 'node:timers/promises';
import { DrivenMachine } from '#agent/simulated-machine/testing/driven-machine.ts';
import { below, checked, type Figure, told } from '../benchmark.ts';

const STEPS = 50;
const SYNC_MS = 20;
const MAX_FLUSHES = 2;
const MAX_MS = 45;

const onVariable = { kind: 'variable', variable: 'Gone', operator: 'notExists' };
const onFolder = { kind: 'folder', path: '/gone' };

/** The real driver, with its journal on a disk whose sync takes 20 ms: flushes and time of each step. */
export async function benchJournal(): Promise<readonly Figure[]> {
  return [
    ...(await driven('conditions on variables', { all: [onVariable, onVariable] })),
    ...(await driven('conditions that ask the machine', { none: [onFolder, onFolder] })),
  ];
}

async function driven(what: string, condition: object): Promise<readonly Figure[]> {
  let flushes = 0;
  let startMs: number | undefined;
  const command = { type: 'run-command', params: { commandLine: 'tool' }, condition };
  const machine = new DrivenMachine({
    document: {
      name: 'Flushes',
      steps: [
        {
          step: 'Partition',
          type: 'format-disk',
          params: { partitions: [{ type: 'efi', size: { mb: 512 } }, { fileSystem: 'ext4' }] },
        },
        ...Array.from({ length: STEPS }, (_, index) => ({ step: `Step ${index}`, ...command })),
      ],
    },
    programs: ['tool'],
    medium: (medium) => ({
      ...medium,
      async sync() {
        if (startMs !== undefined) flushes += 1;
        await wait(SYNC_MS);
        await medium.sync();
      },
      async read() {
        const bytes = await medium.read();
        // Read back when it has been made: from here on it keeps the records of the steps.
        startMs ??= performance.now();
        return bytes;
      },
    }),
  });
  const { result, journal } = await machine.runToEnd();
  const tookMs = performance.now() - (startMs ?? 0);
  const ran = machine.runs('tool');
  const ok = result.succeeded && ran === STEPS && sameOnServer(journal.events, machine);
  return [
    below(`driver, ${STEPS} steps, ${what}: flushes a step`, flushes / STEPS, MAX_FLUSHES, ''),
    below(`  time a step, a sync taking ${SYNC_MS} ms`, tookMs / STEPS, MAX_MS, 'ms'),
    told('  of it without the syncs', (tookMs - flushes * SYNC_MS) / STEPS, 'ms'),
    checked('  steps run, journal and server alike', ok, `${ran} of ${STEPS}`),
  ];
}

function sameOnServer(events: readonly object[], { server }: DrivenMachine): boolean {
  return events.length > STEPS && JSON.stringify(events) === JSON.stringify(server.events);
}
