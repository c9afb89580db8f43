import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { variableOf } from '../deployment.ts';
import { listExt4, readExt4, readPartitions } from '../disk-image.ts';
import { expectRun, seeHistory } from '../history.ts';
import { loopCase } from '../loop-bench.ts';
import { countIn, loopImage } from '../loop-images.ts';
import { defineScenario, expect } from '../scenario.ts';
import { applyImage, formatDisk, shell } from '../sequences.ts';
import { openSite, type SequenceDocument } from '../site.ts';

/** Every kind of step on loop devices, through a restart into the OS. */
export const loopDeploy = defineScenario({
  name: 'loop-deploy',
  title: 'Without firmware: partition, apply to ext4, set variables, restart, end in the OS.',
  kind: 'loop',
  estimateSeconds: 25,
  core: true,
  async run(lab) {
    const { wim } = await loopImage(lab.directory, 'linux');
    const site = await openSite(lab, 'ask');
    await site.metalwright('image', 'add', wim, '--name', 'Loop Linux');
    const counter = join(lab.directory, 'effects');
    const kept = join(lab.directory, 'kept/deep');
    await mkdir(kept, { recursive: true });
    await writeFile(join(kept, 'readme.txt'), 'kept\n');
    await site.metalwright('package', 'add', dirname(kept), '--name', 'Kept', '--id', PACKAGE);
    const document = loopSequence('Loop deployment', counter, [keepPackage]);
    const bench = await loopCase(lab, site, { number: 1, document, diskMiB: 512 });
    const exit = await bench.machine.runToEnd();
    const run = await bench.run();
    seeHistory(lab, run);
    expect(exit.code === 0, `the agent ended with 0, not ${exit.code}`, () => site.log());
    expectRun(run, LOOP_ENDS.toSpliced(3, 0, 'Keep a package: ok'));
    const effects = await readFile(counter, 'utf8');
    expect(
      effects === 'Count first\nCount in PE\nCount in the OS\n',
      'each command had its effect once',
      () => effects,
    );
    const [, system] = await readPartitions(bench.image);
    if (system === undefined) throw new Error('the disk has no second partition');
    const names = await listExt4(bench.image, system, '/boot');
    lab.see('disk', `/boot of the applied image: ${names.join(' ')}`);
    expect(names.includes('vmlinuz-6.1.0-lab'), 'the image was applied', () => names.join('\n'));
    const told = variableOf(run, 'Kept01') ?? '';
    lab.see('disk', `the package is in ${told}`);
    expect(/^gpt:[0-9a-f-]{36}\\In\\LAB00001$/.test(told), 'a variable says where', () => told);
    const inIt = await listExt4(bench.image, system, '/In');
    expect(inIt.join(' ').includes(PACKAGE), 'its folder is on the volume', () => inIt.join('\n'));
    expect(!inIt.some((each) => each.includes('.partial')), 'and nothing beside it', () =>
      inIt.join('\n'),
    );
    const readme = await readExt4(bench.image, system, `/In/${PACKAGE}/deep/readme.txt`);
    expect(readme === 'kept\n', `the package was kept on the volume: ${readme}`);
    const host = await readExt4(bench.image, system, '/etc/hostname');
    expect(host === 'lab\n', `/etc/hostname holds "lab", it holds ${host}`);
  },
});

const PACKAGE = 'LAB00001';
const keepPackage = {
  step: 'Keep a package',
  type: 'download-content',
  params: {
    packages: [{ package: { name: 'Kept' } }],
    location: 'custom',
    path: '%OsVolume%\\In',
    baseVariable: 'Kept',
  },
};

/** A sequence of every step type; its three commands leave a line each in `counter`. */
export function loopSequence(
  name: string,
  counter: string,
  behindImage: readonly Record<string, unknown>[] = [],
): SequenceDocument {
  return {
    name,
    steps: [
      countIn('Count first', counter),
      {
        group: 'Install',
        steps: [
          formatDisk('ext4', 64),
          applyImage('Loop Linux'),
          ...behindImage,
          { step: 'Set it', type: 'set-variable', params: { name: 'LabOwner', value: 'loop' } },
          countIn('Count in PE', counter),
          shell('Fail and be forgiven', 'exit 7', { continueOnError: true }),
          { step: 'Restart', type: 'restart', params: { target: 'hd' } },
        ],
      },
      countIn('Count in the OS', counter),
    ],
  };
}

/** How the steps of {@link loopSequence} end. */
export const LOOP_ENDS = [
  'Count first: ok',
  'Format the disk: ok',
  'Apply the image: ok',
  'Set it: ok',
  'Count in PE: ok',
  'Fail and be forgiven: failed',
  'Restart: ok',
  'Count in the OS: ok',
];
