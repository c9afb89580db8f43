import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filesWith } from '../files-with.ts';
import { expectRun, historyLines, seeHistory } from '../history.ts';
import { loopCase } from '../loop-bench.ts';
import { defineScenario, expect } from '../scenario.ts';
import { formatDisk, shell } from '../sequences.ts';
import { openSite, type SequenceDocument } from '../site.ts';

const OF_DEVICE = 'correct-horse-of-the-device';
const OF_PACKAGE = 'battery-staple-of-the-package';

/** Secrets that the site keeps reach the steps that need them, and nothing else. */
export const secretRelease = defineScenario({
  name: 'secret-release',
  title: 'Secret variables and a secret package reach the steps that need them, and lie nowhere.',
  kind: 'loop',
  estimateSeconds: 20,
  core: true,
  async run(lab) {
    const site = await openSite(lab, 'ask');
    const source = join(lab.directory, 'given');
    await mkdir(source);
    await writeFile(join(source, 'key.txt'), OF_PACKAGE);
    await site.metalwright('package', 'add', source, '--name', 'Lab secrets', '--secret');
    const bench = await loopCase(lab, site, { number: 1, document: SEQUENCE, diskMiB: 256 });
    for (const variable of [`LabJoin=${OF_DEVICE}`, 'LabRing=canary'])
      await site.metalwright('variable', 'set', variable, '--secret', '--device', 'LOOP-1');
    const exit = await bench.machine.runToEnd();
    const run = await bench.run();
    seeHistory(lab, run);
    const log = await site.metalwright('run', 'log', run.id, '--raw');
    expect(exit.code === 0, `the agent ended with 0, not ${exit.code}`, () => log);
    expectRun(run, ENDS);
    expect(bench.machine.boots() === 2, 'the run went through a restart');
    for (const line of ['it is ********', 'a script reads ********'])
      expect(log.includes(line), `the log has: ${line}`, () => log);

    const audit = await site.metalwright('audit', '--action', 'secret.release', '--json');
    const released = audit.match(/"(?:step|condition) [^"]*"/g) ?? [];
    lab.see('history', `released: ${released.toSorted().join(', ')}`);
    expect(
      JSON.stringify(released.toSorted()) === JSON.stringify(RELEASES),
      'each release is told once, and no other',
      () => audit,
    );
    const answers = [JSON.stringify(run), historyLines(run.events).join('\n'), log, audit];
    for (const secret of [OF_DEVICE, OF_PACKAGE]) {
      expect(!answers.join('\n').includes(secret), 'no answer of the server shows the secret');
      const { searched, found } = await filesWith(lab, lab.directory, secret);
      const elsewhere = found.filter((path) => !path.startsWith(source));
      lab.see('disk', `${searched} files and disks searched: in ${elsewhere.length}`);
      expect(elsewhere.length === 0, 'the secret lies nowhere', () => elsewhere.join('\n'));
    }
  },
});

const SEQUENCE: SequenceDocument = {
  name: 'Secret release',
  steps: [
    formatDisk('ext4', 64),
    shell('Without a secret', 'test -z "$(env | grep -i labjoin)"'),
    shell(
      'Named by the step',
      `echo "it is %LabJoin%"; expr length "%LabJoin%" = ${OF_DEVICE.length}`,
    ),
    { step: 'Restart', type: 'restart', params: { target: 'pe' } },
    shell('Read by a script', 'echo "a script reads $(metalwright-ts get LABJOIN)"', {
      condition: { kind: 'variable', variable: 'LabRing', operator: 'equals', value: 'canary' },
    }),
    {
      step: 'From the package',
      type: 'run-command',
      params: {
        commandLine: `sh -c 'wc -c < key.txt | grep -qx ${OF_PACKAGE.length}'`,
        package: { name: 'Lab secrets' },
      },
    },
    shell('After it', `test -z "$(find / -xdev -name key.txt 2>/dev/null | grep -v given)"`),
  ],
};
const ENDS = [
  'Format the disk: ok',
  'Without a secret: ok',
  'Named by the step: ok',
  'Restart: ok',
  'Read by a script: ok',
  'From the package: ok',
  'After it: ok',
];
/** Steps by their places. */
const RELEASES = ['"condition 4"', '"step 2"', '"step 4"', '"step 5"'];
