import type { DeviceView } from '#server/http/api.ts';
import { type Bench, LAB_MACHINE } from './bench.ts';
import { expect, type Lab } from './scenario.ts';
import { waitFor } from './wait.ts';
import { wireStory } from './wire-story.ts';
import type { WireEvent } from './wire-summary.ts';

/** Milliseconds from power-on to Linux PE on two cores without KVM that others use too. */
const BOOT_MS = 600_000;

/** What a network boot looked like. */
export interface SeenBoot {
  readonly device: DeviceView;
  readonly events: readonly WireEvent[];
  /** Fails with the whole capture as evidence. */
  readonly say: (holds: boolean, claim: string) => void;
}

/**
 * Switches the unknown machine of a bench on and waits until its agent has said who it is: then firmware,
 * loaders, kernel and agent all work. Tells the wire, the decisions and the record.
 */
export async function bootToPe(lab: Lab, bench: Bench): Promise<SeenBoot> {
  const { site, machine, capture } = bench;
  await machine.powerOn();
  const device = await waitFor(
    'the machine is seen waiting',
    async () => (await site.devices()).find(({ state, model }) => state === 'waiting' && model),
    {
      timeoutMs: BOOT_MS,
      signal: lab.signal,
      evidence: () => site.log(),
    },
  );
  const events = await capture.events();
  for (const line of wireStory(events)) lab.see('wire', line);
  for (const { outcome, reason } of (await site.decisions()).toReversed())
    lab.see('server', `${outcome}: ${reason}`);
  const { name, architecture, firmware, macAddresses, serialNumber } = device;
  lab.see(
    'history',
    `${name}: ${architecture} ${firmware}, ${macAddresses.join()}, serial ${serialNumber}`,
  );
  const say = (holds: boolean, claim: string) =>
    expect(holds, claim, () => wireStory(events).join('\n'));
  say(serialNumber === LAB_MACHINE.serial, `its serial number is ${LAB_MACHINE.serial}`);
  return { device, events, say };
}

/** Names that were read by TFTP, each once, in order. */
export function readByTftp(events: readonly WireEvent[]): string[] {
  return [...new Set(events.flatMap((event) => (event.kind === 'tftp-read' ? [event.file] : [])))];
}
