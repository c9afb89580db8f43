import type { Kysely } from 'kysely';
import { ContentManifest } from '#agent/protocol/content.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import { Application, linkApplicationReferences } from '#agent/sequence/application.ts';
import { PackageProgram } from '#agent/sequence/package-program.ts';
import { InventoryError } from '../inventory/error.ts';
import { resolveBy } from '../inventory/pin.ts';
import { StoreError } from './error.ts';
import { type IndexedPackage, packages } from './packages.ts';
import type { Tables } from './tables.ts';

/** An application, its newest revision. */
export interface StoredApplication {
  readonly id: PackageId;
  readonly name: string;
  readonly revision: number;
  readonly createdMs: number;
  readonly application: Application;
}

/** Applications, and the programs of packages: both are part of what a version of a package says. */
export const software = {
  /** By name. */
  async applications(db: Kysely<Tables>): Promise<StoredApplication[]> {
    const all = await packages.list(db, 'application');
    const stored: StoredApplication[] = [];
    for (const each of all) {
      const { application } = await manifestOf(db, each.id);
      const { data } = Application.safeParse(application);
      if (data !== undefined) stored.push({ ...toStored(each), application: data });
    }
    return stored;
  },

  /**
   * Makes an application, or a new revision of the one of that name. References are kept by id, so that they lead to the
   * same whatever is called that later. @throws {InventoryError} `application.reference`; {StoreError} `package.exists`
   */
  async addApplication(
    db: Kysely<Tables>,
    document: Application,
    nowMs: number,
  ): Promise<StoredApplication> {
    const linked = linkApplication(document, await packages.index(db));
    const { $schema: _schema, ...application } = linked;
    const wish = { name: document.name, kind: 'application' as const, objects: [], images: [] };
    const made = await packages.add(db, { ...wish, application }, nowMs);
    return { ...toStored(made), application };
  },

  /** Retires an application, or brings it back, as a new revision. @throws {StoreError} `application.not-found` */
  async retire(
    db: Kysely<Tables>,
    id: PackageId,
    change: { readonly retired: boolean; readonly nowMs: number },
  ): Promise<StoredApplication> {
    const found = (await software.applications(db)).find((one) => one.id === id);
    if (found === undefined)
      throw new StoreError('application.not-found', `There is no application ${id}`);
    if (found.application.retired === change.retired) return found;
    const application = { ...found.application, retired: change.retired };
    const { name } = found;
    const wish = { name, kind: 'application' as const, objects: [], images: [], packageId: id };
    const made = await packages.add(db, { ...wish, application }, change.nowMs);
    return { ...toStored(made), application };
  },

  /** The programs of a package. @throws {StoreError} `package.not-found` */
  async programs(db: Kysely<Tables>, id: PackageId): Promise<PackageProgram[]> {
    const { programs = [] } = await packageManifest(db, id);
    return programs.flatMap((each) => PackageProgram.safeParse(each).data ?? []);
  },

  /**
   * Sets a program of a package, by its name without case, or takes it away; the files stay, in a new version.
   * @throws {StoreError} `package.not-found`, `program.not-found`; {InventoryError} `application.reference`
   */
  async setProgram(
    db: Kysely<Tables>,
    id: PackageId,
    change: {
      readonly name: string;
      /** Null takes it away. */
      readonly program: PackageProgram | null;
      readonly nowMs: number;
    },
  ): Promise<PackageProgram[]> {
    const manifest = await packageManifest(db, id);
    const before = await software.programs(db, id);
    const key = change.name.trim().toLowerCase();
    const others = before.filter(({ name }) => name.toLowerCase() !== key);
    if (change.program === null && others.length === before.length)
      throw new StoreError(
        'program.not-found',
        `Package ${id} has no program ${JSON.stringify(change.name)}`,
      );
    const programs =
      change.program === null ? others : [...others, await linkProgram(db, id, change.program)];
    programs.sort((one, other) => (one.name.toLowerCase() < other.name.toLowerCase() ? -1 : 1));
    const { version: _version, packageId: _id, ...rest } = manifest;
    await packages.add(db, { ...rest, packageId: id, programs }, change.nowMs);
    return programs;
  },
};

/**
 * An application with ids in its references: what it leads to must be there.
 * @throws {InventoryError} `application.reference`
 */
export function linkApplication(
  document: Application,
  known: readonly IndexedPackage[],
): Application {
  const resolve = resolveBy(known);
  return linkApplicationReferences(document, (reference, kind) => {
    const id = resolve(reference, kind);
    const found = known.find((one) => one.id === id);
    if (found !== undefined && (found.kind === 'application') === (kind === 'application'))
      return { id: found.id, name: found.name };
    const called = JSON.stringify(reference.name ?? reference.id);
    throw new InventoryError(
      'application.reference',
      `"${document.name}" leads to ${kind === 'application' ? 'the application' : 'the package'} ${called}, which is not stored`,
      {
        hint:
          kind === 'application'
            ? 'Add that application first, or correct its name.'
            : `Add it: metalwright package add <folder> --name ${called}.`,
      },
    );
  });
}

/**
 * A program that is to run first must be there: of this package, or of another one.
 * @throws {InventoryError} `application.reference`
 */
export async function linkProgram(
  db: Kysely<Tables>,
  id: PackageId,
  program: PackageProgram,
): Promise<PackageProgram> {
  const { runFirst } = program;
  if (runFirst?.package === undefined) return program;
  const known = await packages.index(db);
  const other = resolveBy(known)(runFirst.package, 'package');
  const found = known.find((one) => one.id === other && one.kind === 'package');
  if (found === undefined)
    throw new InventoryError(
      'application.reference',
      `The program "${program.name}" of ${id} has a program run first of ${JSON.stringify(runFirst.package.name ?? runFirst.package.id)}, which is not stored`,
      { hint: 'Add that package first, or correct its name.' },
    );
  return { ...program, runFirst: { ...runFirst, package: { id: found.id, name: found.name } } };
}

async function packageManifest(db: Kysely<Tables>, id: PackageId): Promise<ContentManifest> {
  const manifest = await manifestOf(db, id);
  if (manifest.kind === 'package') return manifest;
  throw new StoreError('package.not-found', `${id} is a ${manifest.kind}, not a package`);
}

async function manifestOf(db: Kysely<Tables>, id: PackageId): Promise<ContentManifest> {
  const bytes = await packages.manifest(db, id);
  if (bytes === null) throw new StoreError('package.not-found', `There is no package ${id}`);
  return ContentManifest.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

function toStored(made: {
  readonly id: PackageId;
  readonly name: string;
  readonly version: number;
  readonly createdMs: number;
}): Omit<StoredApplication, 'application'> {
  const { id, name, version: revision, createdMs } = made;
  return { id, name, revision, createdMs };
}
