import { filesWith } from '../files-with.ts';
import { expectRun, historyLines, seeHistory } from '../history.ts';
import { loopCase } from '../loop-bench.ts';
import { defineScenario, expect } from '../scenario.ts';
import { formatDisk, shell } from '../sequences.ts';
import { openSite, type SequenceDocument } from '../site.ts';

/** No text that the server is given holds it: a script makes it, of its rotated letters. */
const SECRET = 'correct-horse-battery-staple';
const ROTATED = 'dpssfdu-ipstf-cbuufsz-tubqmf';

/** Scripts of a run read and set its variables by `metalwright-ts`, a secret among them. */
export const scriptVariables = defineScenario({
  name: 'script-variables',
  title: 'Scripts set variables and a secret, which later steps use and no file or answer shows.',
  kind: 'loop',
  estimateSeconds: 15,
  core: true,
  async run(lab) {
    const site = await openSite(lab, 'ask');
    const bench = await loopCase(lab, site, { number: 1, document: SEQUENCE, diskMiB: 256 });
    const exit = await bench.machine.runToEnd();
    const run = await bench.run();
    seeHistory(lab, run);
    const log = await site.metalwright('run', 'log', run.id, '--raw');
    expect(exit.code === 0, `the agent ended with 0, not ${exit.code}`, () => log);
    expectRun(run, ENDS);
    expect(bench.machine.boots() === 2, 'the run went through a restart');
    expect(log.includes('there are: LabFound LabSecret'), 'a script listed the names', () => log);
    expect(log.includes('the secret is ********'), 'a printed secret is hidden', () => log);
    const answers = [JSON.stringify(run), historyLines(run.events).join('\n'), log];
    expect(!answers.join('\n').includes(SECRET), 'no answer of the server shows the secret');
    const { searched, found } = await filesWith(lab, lab.directory, SECRET);
    lab.see('disk', `${searched} files and disks searched for the secret: in ${found.length}`);
    expect(found.length === 0, 'the secret lies nowhere', () => found.join('\n'));
    const own = await filesWith(lab, lab.directory, ROTATED);
    expect(own.found.length > 0, 'the search finds what is there');
  },
});

const LAB_FOUND = { kind: 'variable', variable: 'LabFound', operator: 'equals' };
const SEQUENCE: SequenceDocument = {
  name: 'Script variables',
  steps: [
    formatDisk('ext4', 64),
    { step: 'Set the site', type: 'set-variable', params: { name: 'LabSite', value: 'bench' } },
    shell(
      'Set from a script',
      [
        'set -e',
        'metalwright-ts set LabFound "made in $(metalwright-ts get LABSITE)"',
        `echo ${ROTATED} | tr b-za a-z | metalwright-ts set LabSecret --secret --stdin`,
        'echo "the secret is $(metalwright-ts get labsecret)"',
        'echo "there are: $(metalwright-ts list | grep -iE "^lab(found|secret)" | tr "\\n" " ")"',
        'test -z "$(env | grep -i labsecret)"',
        'metalwright-ts get LabNothing || test $? = 1',
        'metalwright-ts set _SMSTSMake x || test $? = 2',
        'exit 7',
      ].join('; '),
      { continueOnError: true },
    ),
    shell('Only if it was set', 'echo LabFound is "$LabFound"', {
      condition: { ...LAB_FOUND, value: 'made in BENCH' },
    }),
    shell('Not if it is another', 'exit 1', {
      condition: { ...LAB_FOUND, value: 'made in haste' },
    }),
    { step: 'Restart', type: 'restart', params: { target: 'pe' } },
    shell(
      'Use the secret after it',
      `test "$(metalwright-ts get LabSecret | tr a-z b-za)" = ${ROTATED} && echo %LabSecret%`,
    ),
  ],
};
const ENDS = [
  'Format the disk: ok',
  'Set the site: ok',
  'Set from a script: failed',
  'Only if it was set: ok',
  'Not if it is another: skipped',
  'Restart: ok',
  'Use the secret after it: ok',
];
