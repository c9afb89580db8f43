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
import { checkAfterRun, checkBeforeStart } from '../wine/check-installation.ts';
import { buildWineComputer } from '../wine/computer.ts';
import { labDevices, makeDriverPackages } from '../wine/drivers.ts';
import { prepareWineRoot } from '../wine/root.ts';
import { readPrintedForms } from '../wine/tools/printed-forms.ts';
import { windowsLikeImage } from '../wine/windows-image.ts';

/** The agent for Windows, as it is shipped, through a whole installation. */
export const wineAgent = defineScenario({
  name: 'wine-agent',
  title:
    'The packaged agent for Windows by Wine: partition, encrypt, apply, power cut in dism, drivers, setup, service, success.',
  kind: 'loop',
  estimateSeconds: 120,
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
    const { wim, folder: source } = await windowsLikeImage(lab.directory);
    const drivers = await makeDriverPackages(lab.directory);
    const site = await openSite(lab, 'ask');
    await site.metalwright('image', 'add', wim, '--name', 'Lab Windows');
    await site.metalwright('package', 'add', drivers.all, '--drivers', '--name', DRIVERS);
    await site.metalwright(
      'package',
      'add',
      drivers.catalogue,
      '--drivers',
      '--name',
      CATALOGUE,
      '--category',
      CATALOGUE,
    );
    const mac = (await readFile(`/sys/class/net/${BRIDGE}/address`, 'utf8')).trim();
    // Wine has the network card of this host, which the server has too.
    await site.metalwright('deployment', 'settings', '--servers', 'warn');
    const document = windowsSequence();
    await deployTo(site, { name: 'WINE-1', mac, document, accepts: ['servers'] });
    let told = false;
    const computer = lab.use(
      await buildWineComputer(lab, site, {
        name: 'wine-1',
        agent,
        forms,
        diskMiB: 4096,
        system: { uuid: '4c4c4544-0042-3510-8052-b4c04f4a3132', serial: 'WINE-1' },
        cutInDism: true,
        devices: labDevices,
        starting: async (installed) => {
          if (!told) await checkBeforeStart(lab, installed, COMPUTER);
          told = true;
        },
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
      (each) => !each.endsWith(` ${SETUP_INDEX} starts after it finished`),
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
    expect(told, 'the installed Windows was looked at before its first start');
    const [encrypted] = [...computer.bitLocker.values()];
    expect(
      encrypted?.method === 'xts_aes128' && computer.bitLocker.size === 1,
      'the volume of Windows is being encrypted, after the power cut too',
      () => JSON.stringify([...computer.bitLocker]),
    );
    lab.see('disk', `BitLocker, by its stand-in: ${JSON.stringify(encrypted)}`);
    await checkAfterRun(lab, { disk: computer.disk.image, source });
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

const COMPUTER = 'LAB-WINE';
const DRIVERS = 'Lab drivers';
const CATALOGUE = 'Lab catalogue';

/** Place of the step that sets Windows up. */
const SETUP_INDEX = 9;

const ENDS = [
  'Windows PE has no PowerShell: failed',
  'Windows PE has no WMI: failed',
  'Format the disk: ok',
  'Pre-provision BitLocker: ok',
  'Apply the image: ok',
  'All drivers of a package: ok',
  'Drivers for its devices: ok',
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
      forgiven('Windows PE has no PowerShell', 'powershell.exe -Command exit 0'),
      forgiven('Windows PE has no WMI', 'wmic.exe os get Caption'),
      formatWindowsDisk(),
      {
        step: 'Pre-provision BitLocker',
        type: 'pre-provision-bitlocker',
        params: { destination: { variable: 'OsVolume' }, skipWithoutTpm: false },
      },
      applyImage('Lab Windows'),
      {
        step: 'All drivers of a package',
        type: 'apply-driver-package',
        params: { package: { name: DRIVERS }, recurse: true },
      },
      {
        step: 'Drivers for its devices',
        type: 'auto-apply-drivers',
        params: { categories: [CATALOGUE] },
      },
      {
        step: 'Windows settings',
        type: 'apply-windows-settings',
        params: { computerName: COMPUTER, registeredOrganization: 'Lab' },
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

/** A command that is to fail. */
function forgiven(step: string, commandLine: string): Record<string, unknown> {
  return { step, type: 'run-command', continueOnError: true, params: { commandLine } };
}

/** What this cannot show, to be said with each run. */
function notShown(seen: boolean): string[] {
  return [
    'not shown by Wine: that Windows PE has every DLL, drivers, firmware, what the real diskpart, dism and bcdboot do,',
    'not shown by Wine: Enable BitLocker, since C: of Wine is no volume of the disk; PowerShell, which is removed from Windows PE here and does nothing in the installed Windows,',
    'not shown by Wine: Windows PE put onto the disk for a restart, since the stand-in for bcdedit changes nothing,',
    'not shown by Wine: that Windows starts, Setup and OOBE, the loss of a disk cache in a power cut, accounts and rights',
    seen
      ? 'tables of diskpart are in the form of a real one'
      : 'no printed output of real tools is at hand: their forms are those of the project',
  ];
}
