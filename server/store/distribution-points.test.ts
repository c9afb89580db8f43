import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PackageId, Sha256 } from '#agent/protocol/identity.ts';
import { boundaryGroups } from './boundary-groups.ts';
import { locatorOf } from './content-locations.ts';
import { distributionPoints, SERVER_POINT } from './distribution-points.ts';
import { migrate } from './migrate.ts';
import { packages } from './packages.ts';
import { pointFaults } from './point-faults.ts';
import { pointPackages } from './point-packages.ts';
import { openSqlite, type SqliteFile } from './sqlite.ts';

let directory: string;
let file: SqliteFile;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-points-'));
  file = openSqlite(join(directory, 'store.sqlite'));
  await migrate(file);
});
afterEach(async () => {
  file.close();
  await rm(directory, { recursive: true, force: true });
});

const SHA = Sha256.parse('a'.repeat(64));
const addPackage = async (name = 'Tools') => {
  const object = { path: 'a', sizeBytes: 1, sha256: SHA, chunks: [SHA] };
  const wish = { name, kind: 'package' as const, objects: [object], images: [] };
  return await packages.add(file.db, wish, 1);
};
const from = (address: string) => ({ address, ownUrl: 'http://server:7480' });
const locate = async (
  id: PackageId,
  options: { address: string; version?: number; fallback?: boolean },
) => {
  const { address, version = 1, fallback = false } = options;
  const pinned = { kind: 'found' as const, packageId: id, version };
  const grant = {
    content: { [id]: pinned },
    fallback: { neighbors: fallback, siteDefault: fallback },
  };
  return (await locatorOf(file.db, grant, from(address)))(pinned);
};

describe('M52 distribution points in the store', () => {
  it('are this server alone until somebody says more', async () => {
    const { id } = await addPackage();
    expect(await distributionPoints.list(file.db)).toEqual([
      { id: SERVER_POINT, name: 'This server', url: null, enabled: true, ca: null },
    ]);
    expect((await locate(id, { address: '10.0.0.1' })).sources).toEqual(['http://server:7480']);
    const refused = { code: 'distribution-point.server' };
    await expect(distributionPoints.remove(file.db, SERVER_POINT)).rejects.toMatchObject(refused);
    await distributionPoints.change(file.db, SERVER_POINT, { enabled: false });
    const nowhere = await locate(id, { address: '10.0.0.1' });
    expect(nowhere.sources).toEqual([]);
    expect(nowhere.reason).toContain('in boundary group "Site default"');
  });

  it('tell machines the CAs of those that are enabled, each once', async () => {
    const add = (name: string, ca?: string) =>
      distributionPoints.create(file.db, { name, url: `https://${name}.example`, ca }, 1);
    await add('a', 'CA one');
    const b = await add('b', 'CA two');
    await add('c', 'CA one');
    await add('d');
    expect(await distributionPoints.cas(file.db)).toEqual(['CA one', 'CA two']);
    await distributionPoints.change(file.db, b.id, { enabled: false });
    expect(await distributionPoints.cas(file.db)).toEqual(['CA one']);
    await distributionPoints.change(file.db, b.id, { enabled: true, ca: null });
    expect(await distributionPoints.cas(file.db)).toEqual(['CA one']);
  });

  it('M06 are those that have the pinned version and that the machine may use, else the reason', async () => {
    const { id } = await addPackage();
    const point = await distributionPoints.create(
      file.db,
      { name: 'Branch', url: 'http://10.9.0.1' },
      1,
    );
    await boundaryGroups.create(file.db, {
      name: 'Office',
      boundaries: ['10.9.0.0/16'],
      points: [point.id],
    });
    expect(await locate(id, { address: '10.9.0.7' })).toMatchObject({
      sources: [],
      reason: `Version 1 of package ${id} is on no distribution point that this machine may use ("Branch"): 10.9.0.7 is in boundary group "Office", from which it may not fall back to the site default group`,
    });
    const both = { address: '10.9.0.7', fallback: true };
    expect((await locate(id, both)).sources).toEqual(['http://server:7480']);
    const present = { packageId: id, version: 1, state: 'present' as const, detail: '' };
    const note = { only: true, nowMs: 2 };
    await pointPackages.note(file.db, point.id, [present], note);
    expect((await locate(id, both)).sources).toEqual(['http://10.9.0.1', 'http://server:7480']);
    expect((await locate(id, { ...both, version: 2 })).sources).toEqual(['http://server:7480']);
    expect((await locate(id, { address: '10.8.0.1' })).sources).toEqual(['http://server:7480']);
  });

  it('go behind the others when a machine has found a fault, until they are filled again', async () => {
    const { id } = await addPackage();
    const point = await distributionPoints.create(file.db, { name: 'B', url: 'http://b' }, 1);
    await boundaryGroups.create(file.db, {
      name: 'Office',
      boundaries: ['10.9.0.0/16'],
      points: [point.id],
    });
    const present = { packageId: id, version: 1, state: 'present' as const, detail: '' };
    const note = { only: false, nowMs: 2 };
    await pointPackages.note(file.db, point.id, [present], note);
    const fault = { sha256: SHA, kind: 'damaged' as const, detail: 'chunk 0' };
    await pointFaults.note(file.db, point.id, fault, 5);
    await pointFaults.note(file.db, point.id, fault, 6);
    expect(await pointFaults.list(file.db, point.id)).toEqual([
      { ...fault, reports: 2, firstMs: 5, lastMs: 6, packages: [id] },
    ]);
    expect(await pointPackages.list(file.db, point.id)).toMatchObject([
      { state: 'damaged', detail: 'chunk 0' },
    ]);
    const both = { address: '10.9.0.7', fallback: true };
    expect((await locate(id, both)).sources).toEqual(['http://server:7480', 'http://b']);
    expect((await locate(id, { address: '10.9.0.7' })).sources).toEqual(['http://b']);
    await pointPackages.note(file.db, point.id, [present], note);
    expect(await pointFaults.list(file.db, point.id)).toEqual([]);
    expect((await locate(id, both)).sources).toEqual(['http://b', 'http://server:7480']);
  });

  it('leave the groups with all that was noted of them when they are removed', async () => {
    const point = await distributionPoints.create(file.db, { name: 'B', url: 'http://b' }, 1);
    const group = await boundaryGroups.create(file.db, { name: 'Office', points: [point.id] });
    const other = await boundaryGroups.create(file.db, {
      name: 'Other',
      neighbors: [{ group: group.id, allowed: true }],
    });
    const twice = distributionPoints.create(file.db, { name: 'b', url: 'http://c' }, 1);
    await expect(twice).rejects.toMatchObject({ code: 'distribution-point.exists' });
    await distributionPoints.remove(file.db, point.id);
    await boundaryGroups.remove(file.db, group.id);
    const left = await boundaryGroups.list(file.db);
    expect(left.map(({ name }) => name)).toEqual(['Site default', 'Other']);
    expect(left.find(({ id }) => id === other.id)?.neighbors).toEqual([]);
    const gone = boundaryGroups.remove(file.db, 'BG00000');
    await expect(gone).rejects.toMatchObject({ code: 'boundary-group.default' });
  });

  it.each([
    [{ boundaries: ['10.0.0.0/99'] }, 'boundary.invalid'],
    [{ points: ['DP00099'] }, 'distribution-point.not-found'],
    [{ neighbors: [{ group: 'BG00099', allowed: true }] }, 'boundary-group.not-found'],
  ])('refuses a group with %j', async (wish, code) => {
    const made = boundaryGroups.create(file.db, { name: 'Office', ...wish });
    await expect(made).rejects.toMatchObject({ code });
  });
});
