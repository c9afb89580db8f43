import { describe, expect, it } from 'vitest';
import { hiddenValues } from '../protocol/hidden-values.ts';
import type { RunGrant } from '../protocol/policy.ts';
import { DrivenMachine } from '../simulated-machine/testing/driven-machine.ts';

const given = 'correct-horse';
const run = (commandLine: string, more: object = {}) => ({
  step: 'Run',
  type: 'run-command',
  params: { commandLine, outputVariable: 'Printed' },
  ...more,
});
const document = {
  name: 'Given before',
  steps: [
    {
      step: 'Partition',
      type: 'format-disk',
      params: {
        partitions: [
          { type: 'efi', size: { mb: 512 } },
          { name: 'root', fileSystem: 'ext4' },
        ],
      },
    },
    run('use %JoinPassword%'),
    { step: 'Restart', type: 'restart', params: { target: 'pe' } },
    run('print'),
    run(`missing ${given}`, { continueOnError: true }),
    run('print', {
      condition: { none: [{ kind: 'file', path: `/etc/${given}.conf` }] },
    }),
  ],
};

/** A machine that is given a secret, restarts, and prints it. @param hidden what its server tells of it then */
async function restarted(hidden: RunGrant['hidden']): Promise<DrivenMachine> {
  const driven: DrivenMachine = new DrivenMachine({
    document,
    variables: [{ name: 'JoinPassword', value: '', secret: true, withheld: true }],
    programs: ['use'],
    prints: { print: `the password is ${given}!` },
    releaseSecrets: async ({ for: what }) => ({
      accounts: [],
      variables: what === 'step' ? [{ name: 'JoinPassword', value: given }] : [],
      packages: [],
    }),
    grantAgain: async () => ({ ...driven.grant, hidden }),
  });
  await driven.runToEnd();
  expect(driven.starts).toBe(2);
  expect(driven.machine.commands).toContainEqual(['use', given]);
  return driven;
}

describe('M39 what a machine was given before it restarted', () => {
  it('stands in no log and no event after it', async () => {
    const driven = await restarted(await hiddenValues([given]));
    const all = [...driven.log, JSON.stringify(driven.server.events)].join('\n');
    expect(all).not.toContain(given);
    expect(driven.log).toContain('the password is ********!');
    expect(all).toContain('/etc/********.conf');
    expect(all).toContain('missing ********');
  });

  it('would stand there if it were told nothing: what is looked for is there to be found', async () => {
    const driven = await restarted(undefined);
    expect(driven.log).toContain(`the password is ${given}!`);
  });
});
