import { describe, expect, it } from 'vitest';
import type { SimulatedMachine } from '#agent/simulated-machine/machine.ts';
import { GB, runSteps } from './testing/run-step.ts';
import { inWindows, simulateSteps } from './testing/simulate-run.ts';
import { faultsOf, simulateStep } from './testing/simulate-step.ts';

const windowsPartition = {
  type: 'primary',
  label: '',
  sizeBytes: 10 * GB,
  active: false,
  format: { fileSystem: 'ntfs', quick: true },
} as const;
const domain = { join: 'domain', domain: 'corp.example', account: { user: 'CORP\\joiner' } };

describe('M02 join-domain', () => {
  it('restarts into the system, unless it is told not to', async () => {
    const { result, log } = await simulateStep('join-domain', domain);
    expect(result).toEqual({ restart: 'disk' });
    expect(log.at(-1)).toBe('Joined the domain corp.example');
    const skipped = { ...domain, skipReboot: 'TRUE' };
    expect((await simulateStep('join-domain', skipped)).result).toEqual({});
  });

  it('comes back to the installed system, where the run goes on', async () => {
    const { set, last } = await simulateSteps(
      [
        { type: 'join-domain', params: domain },
        { type: 'set-variable', params: { name: 'After', value: '%_SMSTSInWinPE%' } },
      ],
      { device: inWindows },
    );
    expect(last?.outcome).toBe('runs');
    expect(set).toMatchObject({ After: 'false' });
  });

  it('takes the place of its settings from variables that were set before', async () => {
    const { result, log } = await simulateStep('join-domain', domain, {
      variables: {
        OSDJoinType: '1',
        OSDJoinWorkgroupName: 'LAB',
        OSDJoinSkipReboot: 'true',
      },
    });
    expect(result).toEqual({});
    expect(log.at(-1)).toMatch(/^Joined the workgroup LAB; it counts after the next restart/);
    await expect(
      simulateStep('join-domain', domain, { variables: { OSDJoinType: '2' } }),
    ).rejects.toMatchObject({
      code: 'step.params',
      message: 'The variable OSDJoinType overrides a setting: "2" is none of 0, 1',
    });
  });

  it('does nothing, and restarts nothing, where the computer is a member already', async () => {
    const prepare = (machine: SimulatedMachine): void => {
      machine.network.membership = { kind: 'domain', name: 'CORP', dnsName: 'corp.example' };
    };
    for (const name of ['Corp.Example', 'corp']) {
      const { result, log } = await simulateStep(
        'join-domain',
        { ...domain, domain: name },
        { prepare },
      );
      expect(result).toEqual({});
      expect(log).toEqual([`This computer is a member of the domain ${name} already`]);
    }
    const other = { ...domain, domain: 'other.example' };
    const { result, machine } = await simulateStep('join-domain', other, { prepare });
    expect(result).toEqual({ restart: 'disk' });
    expect(machine.network.membership).toEqual({ kind: 'domain', name: 'other.example' });
    const workgroup = { join: 'workgroup', workgroup: 'CORP' };
    expect((await simulateStep('join-domain', workgroup, { prepare })).result).toEqual({
      restart: 'disk',
    });
  });

  it('M09 restarts a member all the same where an attempt was cut off behind the join', async () => {
    const prepare = (machine: SimulatedMachine): void => {
      machine.network.membership = { kind: 'domain', name: 'CORP', dnsName: 'corp.example' };
    };
    const again = { prepare, attempt: 2 };
    expect((await simulateStep('join-domain', domain, again)).result).toEqual({ restart: 'disk' });
    const skipped = { ...domain, skipReboot: 'true' };
    expect((await simulateStep('join-domain', skipped, again)).result).toEqual({});
  });

  it('M56 restarts behind the join, wherever the power was cut', async () => {
    let cuts = 0;
    for (let moment = 1; moment <= 12; moment += 1) {
      const { state, facts, machine } = await runSteps({
        steps: [{ type: 'join-domain', params: domain }],
        machine: { pe: 'winpe', installed: true, powerCuts: [moment] },
        onMachine({ storage }) {
          storage.partition(0, 'gpt', [windowsPartition]);
          storage.flushAll();
        },
      });
      expect(state.result).toMatchObject({ succeeded: true });
      expect(machine.network.membership).toEqual({ kind: 'domain', name: 'corp.example' });
      const finished = facts.filter(({ kind }) => kind === 'step-finished');
      expect(finished).toMatchObject([{ restart: 'disk' }]);
      cuts += facts.some(({ kind }) => kind === 'step-interrupted') ? 1 : 0;
    }
    expect(cuts).toBeGreaterThan(2);
  });

  it('joins by an offline blob without an account, from a variable too', async () => {
    const blob = { join: 'domain', domain: 'corp.example', offlineBlob: 'AAAA' };
    const { result, machine } = await simulateStep('join-domain', blob);
    expect(result).toEqual({ restart: 'disk' });
    expect(machine.network.joinedByBlob).toBe(true);
    expect(
      faultsOf('join-domain', { join: 'workgroup', workgroup: 'W', offlineBlob: 'A' }),
    ).toEqual([expect.stringContaining('offlineBlob: joins a domain')]);
    const empty = { ...domain, offlineBlob: '' };
    expect((await simulateStep('join-domain', empty)).machine.network.joinedByBlob).toBe(false);
  });

  it('takes an account from variables alone', async () => {
    const { log } = await simulateStep(
      'join-domain',
      { join: 'domain', domain: 'corp.example' },
      { variables: { OSDJoinAccount: 'CORP\\joiner', OSDJoinPassword: 'x' } },
    );
    expect(log.at(-1)).toBe('Joined the domain corp.example');
  });

  it.each([
    [{ join: 'domain', domain: 'corp.example' }, 'account: needs an account'],
    [{ join: 'domain', account: { user: 'a' } }, 'domain: needs the name'],
    [{ join: 'workgroup', domain: 'corp.example' }, 'workgroup: needs the name'],
    [{ join: 'workgroup', workgroup: 'x'.repeat(33) }, 'workgroup: '],
    [{}, 'join: '],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf('join-domain', params)).toEqual([expect.stringContaining(fault)]);
  });
});
