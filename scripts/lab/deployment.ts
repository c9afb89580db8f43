import type { RunDetail } from '#server/http/api.ts';
import { type Bench, LAB_MACHINE } from './bench.ts';
import { ESP_TYPE, listFat, readExt4, readPartitions } from './disk-image.ts';
import { expectRun, seeHistory } from './history.ts';
import { expect, type Lab } from './scenario.ts';
import { DEPLOY_LINUX_ENDS, PROOF_FILE } from './sequences.ts';
import { waitFor } from './wait.ts';
import type { WireEvent } from './wire-summary.ts';

/** Milliseconds that a whole deployment may take on two cores without KVM that others use too. */
export const DEPLOYMENT_MS = 1_500_000;

/** Last value that a run gave a variable. */
export function variableOf(run: RunDetail, name: string): string | undefined {
  const changes = run.events.flatMap(({ fact }) =>
    fact.kind === 'step-finished' ? fact.variables : [],
  );
  return changes.findLast((change) => change.name.toLowerCase() === name.toLowerCase())?.value;
}

/** Holds a finished run of `deployLinux` against what must be in its history. */
export function checkHistory(lab: Lab, run: RunDetail, secureBoot: boolean): void {
  seeHistory(lab, run);
  expectRun(run, DEPLOY_LINUX_ENDS);
  const kinds = run.events.map(({ fact }) => fact.kind);
  expect(kinds.includes('resumed'), 'the run was resumed after its restart', () => kinds.join());
  for (const name of ['LabSecureBootPe', 'LabSecureBootOs']) {
    const seen = variableOf(run, name)?.trim();
    lab.see('machine', `${name}: the firmware's variable SecureBoot is ${seen}`);
    expect(seen === (secureBoot ? '1' : '0'), `${name} is ${secureBoot ? 1 : 0}, it is ${seen}`);
  }
}

/** Holds the disk of a machine that is switched off against what the run must have put there. */
export async function checkDisk(lab: Lab, bench: Bench): Promise<void> {
  const partitions = await readPartitions(bench.disk);
  for (const { number, name, type, sizeBytes } of partitions)
    lab.see('disk', `partition ${number} "${name}" ${Math.round(sizeBytes / 1048576)} MiB ${type}`);
  const [esp, system] = partitions;
  expect(
    partitions.length === 2 && esp?.type === ESP_TYPE && system !== undefined,
    'an EFI system partition and one for the OS',
    () => JSON.stringify(partitions),
  );
  if (esp === undefined || system === undefined) return;
  const files = await listFat(bench.disk, esp);
  for (const file of files) lab.see('disk', `ESP ${file}`);
  expect(
    files.some((file) => /\.efi$/i.test(file)),
    'a loader on the EFI system partition',
    () => files.join('\n'),
  );
  const proof = await readExt4(bench.disk, system, PROOF_FILE);
  lab.see('disk', `${PROOF_FILE}: ${proof?.trim() ?? 'not there'}`);
  expect(proof?.startsWith('from bench ') === true, `the OS wrote ${PROOF_FILE}`, () =>
    String(proof),
  );
}

/** Switches the deployed machine on again: it starts its OS from the disk, and reads no boot file. */
export async function checkStartsFromDisk(lab: Lab, bench: Bench): Promise<void> {
  const before = (await bench.capture.events()).length;
  await bench.machine.powerOn();
  const wire = await waitFor(
    'the OS asks for an address by itself',
    async () => {
      const since = (await bench.capture.events()).slice(before);
      return since.some(isOfAnOs) ? since : undefined;
    },
    { timeoutMs: 600_000, everyMs: 1000, signal: lab.signal },
  );
  const read = wire.flatMap((event) => (event.kind === 'tftp-read' ? [event.file] : []));
  expect(read.length === 0, 'no boot file was read from the network', () => read.join('\n'));
  lab.see('machine', 'switched off and on: started its OS from the disk, no boot file was read');
  const [newest, ...others] = await bench.site.runs();
  expect(others.length === 0, 'no second run was started', () => JSON.stringify(newest));
  await bench.machine.cutPower();
}

/** A DHCP request of neither firmware (`PXEClient:...`) nor Linux PE (`udhcp ...`). */
function isOfAnOs(event: WireEvent): boolean {
  return (
    event.kind === 'dhcp' &&
    event.client === LAB_MACHINE.mac &&
    ['DISCOVER', 'REQUEST'].includes(event.message) &&
    !/^(PXEClient|HTTPClient|udhcp)/.test(event.vendorClass)
  );
}
