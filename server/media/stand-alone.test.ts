import { describe, expect, it } from 'vitest';
import { PackageId, SequenceId, Sha256 } from '#agent/protocol/identity.ts';
import { StandAloneGrant } from '#agent/protocol/stand-alone.ts';
import type { TestSite } from '../test-machines.ts';
import { withTestSite } from '../testing/with-test-site.ts';

let site: TestSite;
withTestSite((opened) => {
  site = opened;
});
const run = (commandLine: string, more: object = {}) => ({
  step: commandLine,
  type: 'run-command',
  params: { commandLine },
  ...more,
});
const sha256 = Sha256.parse('ab'.repeat(32));
const object = { path: 'a.txt', sizeBytes: 3, sha256, chunks: [sha256] };

async function addPackage(name: string): Promise<string> {
  const wish = { name, kind: 'package', objects: [object], images: [] } as const;
  return (await site.app.store.packages.add({ ...wish, objects: [object], images: [] }, 0)).id;
}
const withPackage = (name: string, more: object = {}) => ({
  step: `Use ${name}`,
  type: 'run-command',
  params: { commandLine: 'sh a.txt', package: { name } },
  ...more,
});
const plan = async (steps: readonly object[], name = `S${Math.random()}`) =>
  site.app.store.standAlone.plan(await site.store({ name, steps }));

describe('M45 what stand-alone media hold is settled when they are made', () => {
  it('every reference in its newest version, every object once', async () => {
    const id = await addPackage('Tools');
    await addPackage('Tools');
    const made = await plan([withPackage('Tools'), withPackage('Tools')]);
    expect(made.packages).toEqual([{ id, name: 'Tools', version: 2 }]);
    expect(made.objects).toEqual([{ sha256, sizeBytes: 3 }]);
    const grant = StandAloneGrant.parse({ ...JSON.parse(made.grantJson), unattended: true });
    expect(grant.content[id as never]).toMatchObject({
      kind: 'found',
      sources: ['media://here'],
      manifest: { version: 2 },
    });
    expect(made.refusals).toEqual([]);
  });

  it('M06 a reference that leads nowhere keeps them from being made, unless its step is forgiven', async () => {
    const id = PackageId.parse(await addPackage('Lost'));
    const forgiven = { continueOnError: true };
    const [hard, soft] = await Promise.all(
      [{}, forgiven].map(async (more, at) =>
        site.store({ name: `Lost ${at}`, steps: [withPackage('Lost', more)] }),
      ),
    );
    if (hard === undefined || soft === undefined) throw new Error('not stored');
    await site.lose(id);
    const told = [{ code: 'content.missing', message: expect.stringContaining('Use Lost') }];
    expect(await site.app.store.standAlone.plan(hard)).toMatchObject({ refusals: told });
    const allowed = await site.app.store.standAlone.plan(soft);
    expect(allowed).toMatchObject({ refusals: [], warnings: told });
  });

  it('steps that need the network, or an agent for Windows, are warned of; disabled ones are not', async () => {
    const restart = { step: 'Restart', type: 'restart', params: { target: 'hd' } };
    const windows = { step: 'Set up', type: 'setup-windows' };
    const connect = {
      step: 'Connect',
      type: 'connect-network-folder',
      params: { path: '\\\\files\\share', account: { user: 'account:reader' } },
    };
    const { warnings } = await plan([restart, connect, windows, run('echo')]);
    expect(warnings.map(({ code }) => code)).toEqual([
      'media.needs-network',
      'windows.no-agent',
      'account.unavailable',
      'media.secret-document',
    ]);
    const off = await plan([
      { ...windows, disabled: true },
      { ...connect, disabled: true },
    ]);
    expect(off.warnings).toEqual([]);
  });

  it('there must be such a sequence', async () => {
    const unknown = site.app.store.standAlone.plan(SequenceId.parse('MW1FFFFF'));
    await expect(unknown).rejects.toMatchObject({ code: 'sequence.not-found' });
  });
});
