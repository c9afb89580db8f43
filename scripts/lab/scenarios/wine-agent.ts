import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildAgent } from '../../build-agent.ts';
import { withBuildLock } from '../../build-lock.ts';
import { cacheDirectory } from '../../cache-directory.ts';
import { historyFaults, seeHistory, stepEnds, waitForRun } from '../history.ts';
import { deployTo } from '../loop-bench.ts';
import { BRIDGE } from '../namespace.ts';
import { defineScenario, expect, type PrepareOptions } from '../scenario.ts';
import { applyImage, formatWindowsDisk } from '../sequences.ts';
import { openSite, type SequenceDocument } from '../site.ts';
import { buildWineComputer } from '../wine/computer.ts';
import { prepareWineRoot } from '../wine/root.ts';
import { readPrintedForms } from '../wine/tools/printed-forms.ts';
import { windowsLikeImage } from '../wine/windows-image.ts';

/** The agent for Windows, as it is shipped, through a whole installation. */
export const wineAgent = defineScenario({
  name: 'wine-agent',
  title:
    'The packaged agent for Windows by Wine: partition, apply, restart, power cut in dism, setup, success on the server.',
  kind: 'loop',
  estimateSeconds: 150,
  core: false,
  async prepare(options) {
    await prepareWineRoot(options);
    await packagedAgent(options);
  },
  async run(lab) {
    const agent = await packagedAgent({
      signal: lab.signal,
      log: (line) => lab.see('machine', line),
    });
    const forms = await readPrintedForms();
    const wim = await windowsLikeImage(lab.directory);
    const site = await openSite(lab, 'ask');
    await site.metalwright('image', 'add', wim, '--name', 'Lab Windows');
    const mac = (await readFile(`/sys/class/net/${BRIDGE}/address`, 'utf8')).trim();
    await deployTo(site, { name: 'WINE-1', mac, document: windowsSequence() });
    const computer = lab.use(
      await buildWineComputer(lab, site, {
        name: 'wine-1',
        agent,
        forms,
        diskMiB: 4096,
        system: { uuid: '4c4c4544-0042-3510-8052-b4c04f4a3132', serial: 'WINE-1' },
        cutInDism: true,
        ended: async () => (await site.runs()).some(({ endedMs }) => endedMs !== null),
      }),
    );
    lab.countBoots(() => computer.starts());
    const code = await computer.runToEnd();
    const run = await waitForRun(lab, site, {
      timeoutMs: 10_000,
      of: 'WINE-1',
      until: () => true,
    }).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${(await computer.output()).slice(-8000)}`);
    });
    seeHistory(lab, run);
    for (const call of computer.calls.filter((line) => !line.startsWith('tool reg')))
      lab.see('machine', call);
    const evidence = await computer.output();
    expect(
      run.state === 'succeeded',
      `the run succeeded, it is ${run.state}`,
      () => `${JSON.stringify(run.error)}\n${evidence.slice(-12_000)}`,
    );
    expect(code === 0, `the agent ended with 0, not ${code}`, () => evidence.slice(-4000));
    expect(computer.wasCut(), 'the power was cut in dism');
    // The step that sets Windows up is in two halves, before the restart and after it.
    const faults = historyFaults(run.events).filter(
      (each) => !each.endsWith(' 4 starts after it finished'),
    );
    expect(faults.length === 0, `a whole history: ${faults.join('; ')}`);
    const ends = stepEnds(run.events);
    expect(JSON.stringify(ends) === JSON.stringify(ENDS), `steps ended as ${ENDS.join(', ')}`, () =>
      ends.join(', '),
    );
    const where = computer.environments.join(', ');
    expect(
      where === 'winpe, winpe, full-os',
      `it started in Windows PE twice, then in Windows: ${where}`,
    );
    for (const line of notShown(forms.seen)) lab.see('machine', line);
  },
});

/** Builds it where it is not there yet. */
async function packagedAgent({ signal, log }: PrepareOptions): Promise<string> {
  const outDirectory = join(cacheDirectory, 'boot-images/windows-agent-x64');
  const options = {
    outDirectory,
    cacheDirectory: join(cacheDirectory, 'boot-build'),
    target: 'windows-x64',
    signal,
    log,
  } as const;
  await withBuildLock(options.cacheDirectory, options, async () => buildAgent(options));
  return outDirectory;
}

const ENDS = [
  'Format the disk: ok',
  'Apply the image: ok',
  'Windows settings: ok',
  'Network settings: ok',
  'Setup Windows: ok',
  'Setup Windows: ok',
  'Run a command: ok',
];

function windowsSequence(): SequenceDocument {
  return {
    name: 'Windows by Wine',
    steps: [
      formatWindowsDisk(),
      applyImage('Lab Windows'),
      {
        step: 'Windows settings',
        type: 'apply-windows-settings',
        params: { computerName: 'LAB-WINE', registeredOrganization: 'Lab' },
      },
      {
        step: 'Network settings',
        type: 'apply-network-settings',
        params: { join: 'workgroup', workgroup: 'LAB' },
      },
      { step: 'Setup Windows', type: 'setup-windows', params: {} },
      {
        step: 'Run a command',
        type: 'run-command',
        params: { commandLine: 'cmd /c echo ran in %_SMSTSInWinPE%', outputVariable: 'Said' },
      },
    ],
  };
}

/** What this cannot show, to be said with each run. */
function notShown(seen: boolean): string[] {
  return [
    'not shown by Wine: that Windows PE has every DLL, drivers, firmware, what the real diskpart, dism and bcdboot do,',
    'not shown by Wine: that Windows starts, Setup and OOBE, the loss of a disk cache in a power cut, accounts and rights',
    seen
      ? 'tables of diskpart are in the form of a real one'
      : 'no printed output of real tools is at hand: their forms are those of the project',
  ];
}
