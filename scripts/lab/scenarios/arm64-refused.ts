import { LAB_MACHINE, openBench } from '../bench.ts';
import { defineScenario, expect } from '../scenario.ts';
import { waitFor } from '../wait.ts';
import { wireStory } from '../wire-story.ts';

/** ARM64 firmware, and no boot image for it. */
export const arm64Refused = defineScenario({
  name: 'arm64-refused',
  title: 'An ARM64 machine is refused by name, and gets no file of another architecture.',
  kind: 'machine',
  estimateSeconds: 60,
  core: false,
  async run(lab) {
    const hardware = { firmware: 'arm64', memoryMiB: 512 } as const;
    const { site, machine, capture } = await openBench(lab, { hardware });
    await machine.powerOn();
    const refused = await waitFor(
      'the machine is refused',
      async () => (await site.decisions()).find(({ mac }) => mac === LAB_MACHINE.mac),
      { timeoutMs: 300_000, signal: lab.signal, evidence: () => site.log() },
    );
    lab.see('server', `${refused.outcome}: ${refused.reason}`);
    expect(refused.architecture === 'uefi-arm64', 'it is seen to be ARM64 UEFI');
    expect(
      refused.outcome === 'silent' &&
        refused.reason.includes('ARM64 UEFI (client architecture 11)'),
      'it is refused by name',
      () => refused.reason,
    );
    const events = await capture.events();
    for (const line of wireStory(events)) lab.see('wire', line);
    expect(!events.some(({ kind }) => kind === 'tftp-read'), 'no file was read');
    // Four seconds of asking later, when nobody else has answered.
    const screen = await machine.waitForSerial('client architecture 11', 240_000);
    for (const line of screen.split(/[\r\n]+/).filter((one) => one.includes('architecture 11')))
      lab.see('machine', `its screen says: ${line.trim()}`);
    const kept = await waitFor(
      'the refusal is in the history',
      async () => {
        const text = await site.metalwright('netboot', 'silences', '--mac', LAB_MACHINE.mac);
        return text.includes('ARM64') ? text : undefined;
      },
      { timeoutMs: 30_000, signal: lab.signal },
    );
    for (const line of kept.trim().split('\n')) lab.see('history', line.trim());
  },
});
