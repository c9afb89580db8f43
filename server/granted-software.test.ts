import { describe, expect, it } from 'vitest';
import { ContentObject } from '#agent/protocol/content.ts';
import { Application } from '#agent/sequence/application.ts';
import { startRun, type TestSite } from './test-machines.ts';
import { withTestSite } from './testing/with-test-site.ts';

let site: TestSite;
withTestSite((opened) => {
  site = opened;
});

const addPackage = async (name: string) =>
  (
    await site.app.store.packages.add(
      {
        name,
        kind: 'package',
        objects: [
          ContentObject.parse({
            path: 'a',
            sizeBytes: 1,
            sha256: 'a'.repeat(64),
            chunks: ['a'.repeat(64)],
          }),
        ],
        images: [],
      },
      1,
    )
  ).id;
const addApplication = async (name: string, type: object = {}, more: object = {}) => {
  const detection = { condition: { kind: 'file', path: 'C:\\x' } };
  const deploymentTypes = [{ name: 'T', install: 'a.exe', detection, ...type }];
  const document = Application.parse({ name, deploymentTypes, ...more });
  return (await site.app.store.software.addApplication(document, 1)).id;
};
const grantOf = async (steps: readonly object[]) => {
  const sequence = await site.store({ name: crypto.randomUUID(), steps });
  const machine = await site.machine();
  return await startRun(machine, await site.deploy(sequence, [machine], 'available'));
};
const install = (params: object) => ({ step: 'S', type: 'install-application', params });

describe('M21 a grant of a sequence that installs applications', () => {
  it('M34 has the newest revision of them, what they depend on and their files', async () => {
    const files = await addPackage('Files');
    const runtime = await addApplication('Runtime');
    const old = await addApplication('Old');
    const mail = await addApplication(
      'Mail',
      {
        content: { name: 'Files' },
        dependencies: [{ anyOf: [{ application: { name: 'Runtime' } }] }],
      },
      { supersedes: [{ application: { name: 'Old' }, uninstall: true }] },
    );
    await addApplication('Runtime', { install: 'newer.exe' });
    await addApplication('Unused');
    const { content, software } = await grantOf([install({ applications: [{ name: 'mail' }] })]);
    expect(Object.keys(content).sort()).toEqual([files, runtime, old, mail].sort());
    const pinned = content[runtime];
    expect(pinned?.kind === 'found' && pinned.manifest).toMatchObject({
      kind: 'application',
      version: 2,
      application: { deploymentTypes: [{ install: 'newer.exe' }] },
    });
    expect(software).toBeUndefined();
  });

  it('has all that a list in variables may name, but for what cannot be installed', async () => {
    const retired = await addApplication('Retired');
    await site.app.store.software.retire(retired, { retired: true, nowMs: 1 });
    const listed = await addApplication('Listed');
    const tools = await addPackage('Tools');
    const program = { name: 'Setup', commandLine: 'setup.exe' };
    const { PackageProgram } = await import('#agent/sequence/package-program.ts');
    await site.app.store.software.setProgram(tools, {
      name: 'Setup',
      program: PackageProgram.parse(program),
      nowMs: 1,
    });
    const grant = await grantOf([install({ baseVariable: 'Apps' })]);
    expect(grant.software).toContain(listed);
    expect(grant.software).not.toContain(retired);
    expect(grant.software).not.toContain(tools);
    const programs = await grantOf([
      { step: 'P', type: 'install-package', params: { baseVariable: 'Pkgs' } },
    ]);
    expect(programs.software).toEqual([tools]);
    const found = programs.content[tools];
    expect(found?.kind === 'found' && found.manifest.programs).toMatchObject([program]);
  });

  it('M06 counts as missing what is retired, or whose files are nowhere', async () => {
    const files = await addPackage('Lost files');
    const lost = await addApplication('Lost', { content: { name: 'Lost files' } });
    const kept = await addApplication('Kept');
    const sequence = await site.store({
      name: 'Both',
      steps: [install({ applications: [{ name: 'Lost' }, { name: 'Kept' }] })],
    });
    const machine = await site.machine();
    const deployment = await site.deploy(sequence, [machine], 'available');
    await site.app.store.software.retire(kept, { retired: true, nowMs: 1 });
    await site.lose(files);
    const { content } = await startRun(machine, deployment);
    expect(content[lost]).toMatchObject({ kind: 'missing' });
    expect(content[kept]).toMatchObject({
      kind: 'missing',
      reason: expect.stringContaining('retired'),
    });
  });
});
