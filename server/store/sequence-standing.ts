import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { ErrorProblem } from '#agent/protocol/error.ts';
import { SequenceId } from '#agent/protocol/identity.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import type { ContentReference } from '#agent/sequence/references.ts';
import { missingAccounts } from '../inventory/account-cases.ts';
import { type BootImageFindings, bootImageFindings } from '../inventory/boot-image-problems.ts';
import { candidateFinder } from '../inventory/candidates.ts';
import { driverWarnings, type NamedDrivers } from '../inventory/driver-architecture.ts';
import { readExpanded, resolveBy } from '../inventory/pin.ts';
import { referenceKey } from '../inventory/read-children.ts';
import { outlineOf, type SequenceOutline } from '../inventory/sequence-outline.ts';
import {
  draftProblem,
  type OutlinedSequence,
  type SequenceSurroundings,
  sequenceProblems,
} from '../inventory/sequence-problems.ts';
import { DocumentNode } from '../inventory/site-account.ts';
import { problemOf } from '../inventory/stored-problem.ts';
import { childFinder } from './child-finder.ts';
import { courseImages } from './course-images.ts';
import { driverCatalog } from './driver-catalog.ts';
import { packages } from './packages.ts';
import { findRow, nameKey, referencedRow } from './sequence-rows.ts';
import { settings } from './settings.ts';
import { siteAccounts } from './site-accounts.ts';
import type { Tables } from './tables.ts';

type Row = Tables['sequences'];
/** What sequences are held against, but for each other. */
type Site = Omit<SequenceSurroundings, 'find'>;

/** Outlines of documents, by hash: a list of all sequences asks for each again. */
const outlines = new Map<string, SequenceOutline>();
/** What is wrong with documents with their children in them, by the hashes of all. */
const faults = new Map<string, readonly ErrorProblem[]>();
const MAX_KEPT = 2000;

/** All that sequences are held against; one for as many as are asked for together. */
export async function siteOf(db: Kysely<Tables>): Promise<Site> {
  const { features } = await settings.get(db);
  const names = await db.selectFrom('sequences').select(['id', 'name']).orderBy('id').execute();
  const known = await packages.index(db);
  const namesOf = (all: readonly { readonly id: string; readonly name: string }[]) =>
    candidateFinder(all.flatMap(({ id, name }) => [name, id]));
  const candidates = {
    packages: namesOf(known.filter(({ kind }) => kind !== 'boot-image' && kind !== 'application')),
    applications: namesOf(known.filter(({ kind }) => kind === 'application')),
    bootImages: namesOf(known.filter(({ kind }) => kind === 'boot-image')),
    sequences: namesOf(names),
  };
  return { packages: known, candidates, features };
}

/** What keeps the sequence from being deployed: the problems of the version that runs. */
export async function deployProblems(
  db: Kysely<Tables>,
  row: Row,
  site: Site,
): Promise<readonly ErrorProblem[]> {
  if (row.ready_version === 0)
    return [draftProblem(row.name), ...(await versionProblems(db, row, row.version, site))];
  return await versionProblems(db, row, row.ready_version, site);
}

/** What would keep one version of it from being deployed. */
export async function versionProblems(
  db: Kysely<Tables>,
  row: Row,
  version: number,
  site: Site,
): Promise<readonly ErrorProblem[]> {
  return (await versionFindings(db, row, version, site)).problems;
}

/** The same, with what is no more than told. */
export async function versionFindings(
  db: Kysely<Tables>,
  row: Row,
  version: number,
  site: Site,
): Promise<BootImageFindings> {
  const id = SequenceId.parse(row.id);
  const { outline, sha256 } = await outlineOfVersion(db, id, version);
  return await findingsOf(
    db,
    {
      id,
      name: row.name,
      outline,
      sha256,
      document: async () => (await documentOf(db, id, version)).document_json,
    },
    site,
  );
}

/** What is wrong with a document that is not stored, as if it were the newest version of its name. */
export async function documentFindings(
  db: Kysely<Tables>,
  { name, documentJson }: { readonly name: string; readonly documentJson: string },
): Promise<BootImageFindings> {
  const row = await findRow(db, name);
  const found = await findingsOf(
    db,
    {
      // Nothing that is stored has this id, so that no child of the document is taken for it.
      id: SequenceId.parse(row?.name_key === nameKey(name) ? row.id : 'UNSAVED'),
      name,
      outline: outlineOf(documentJson),
      sha256: createHash('sha256').update(documentJson).digest('hex'),
      document: async () => documentJson,
    },
    await siteOf(db),
  );
  // Told here, where somebody looks at it: the accounts may come before a machine does.
  const document = DocumentNode.parse(JSON.parse(documentJson));
  const accounts = missingAccounts(document, await siteAccounts.list(db)).map(
    ({ code, message, hint }) => ({ code, message, hint }),
  );
  return { ...found, warnings: [...found.warnings, ...accounts] };
}

/** One document with what it leads to. */
interface Root {
  readonly id: SequenceId;
  readonly name: string;
  readonly outline: SequenceOutline;
  readonly sha256: string;
  readonly document: () => Promise<string>;
}

async function findingsOf(
  db: Kysely<Tables>,
  { id, name, outline, sha256, document }: Root,
  site: Site,
): Promise<BootImageFindings> {
  const tree = await readTree(db, outline);
  const find = (reference: SequenceReference) => tree.get(referenceKey(reference));
  const problems = sequenceProblems({ id, name: outline.name || name, outline }, { ...site, find });
  const children = [...tree.values()].flatMap((each) => each?.outline ?? []);
  const images = await courseImages(db, { root: outline, children }, site.packages);
  const inPe = bootImageFindings({ id, outline, find }, images);
  const outlined = [outline, ...children];
  const applied = outlined.flatMap(({ osImages }) => osImages.flatMap(images.osImages));
  const findDrivers = await driverFinder(db, outlined, site);
  const warnings = [...inPe.warnings, ...driverWarnings(outlined, applied, findDrivers)];
  const all = [...problems, ...inPe.problems];
  if (all.length > 0 || outline.children.length === 0) return { problems: all, warnings };
  const hashes = [...tree.values()].map((each) => each?.sha256).join(' ');
  const whole = await keep(faults, `${id} ${sha256} ${hashes}`, async () => {
    const source = { id, name, documentJson: await document() };
    try {
      readExpanded(source, await childFinder(db, source));
      return [];
    } catch (error) {
      return [problemOf(error)];
    }
  });
  return { problems: whole, warnings };
}

/** Finds driver packages of which the drivers were read; asks nothing where no step names one. */
async function driverFinder(
  db: Kysely<Tables>,
  outlines: readonly SequenceOutline[],
  { packages: known }: Pick<Site, 'packages'>,
): Promise<(reference: ContentReference) => NamedDrivers | undefined> {
  const named = outlines.flatMap(({ references }) =>
    references.filter(({ kind }) => kind === 'driver-package'),
  );
  if (named.length === 0) return () => undefined;
  const resolve = resolveBy(known);
  const ids = new Set(named.flatMap(({ reference }) => resolve(reference) ?? []));
  const read = await driverCatalog.architectures(db, [...ids]);
  return (reference) => {
    const id = resolve(reference, 'driver-package');
    const name = known.find((each) => each.id === id)?.name;
    const architectures = id === undefined ? undefined : read.get(id);
    return id === undefined || name === undefined || architectures === undefined
      ? undefined
      : { id, name, architectures };
  };
}

type TreeNode = OutlinedSequence & { readonly sha256: string };

/** Every sequence that a document leads to, at any depth, each by all that it is called. */
async function readTree(
  db: Kysely<Tables>,
  root: SequenceOutline,
): Promise<ReadonlyMap<string, TreeNode | undefined>> {
  const tree = new Map<string, TreeNode | undefined>();
  const waiting = root.children.map(({ reference }) => reference);
  for (let reference = waiting.pop(); reference !== undefined; reference = waiting.pop()) {
    const key = referenceKey(reference);
    if (tree.has(key)) continue;
    const row = await referencedRow(db, reference);
    if (row === undefined) {
      tree.set(key, undefined);
      continue;
    }
    const id = SequenceId.parse(row.id);
    const isDraft = row.ready_version === 0;
    const { outline, sha256 } = await outlineOfVersion(
      db,
      id,
      isDraft ? row.version : row.ready_version,
    );
    tree.set(key, { id, name: row.name, isDraft, outline, sha256 });
    waiting.push(...outline.children.map((child) => child.reference));
  }
  return tree;
}

/** What one version leads to, and the hash of its document. */
export async function outlineOfVersion(db: Kysely<Tables>, id: SequenceId, version: number) {
  const { document_sha256: sha256 } = await db
    .selectFrom('sequence_versions')
    .select('document_sha256')
    .where('sequence_id', '=', id)
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
  const outline = await keep(outlines, sha256, async () =>
    outlineOf((await documentOf(db, id, version)).document_json),
  );
  return { outline, sha256 };
}

async function keep<Value>(
  kept: Map<string, Value>,
  key: string,
  make: () => Promise<Value>,
): Promise<Value> {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = await make();
  for (const oldest of kept.keys()) {
    if (kept.size < MAX_KEPT) break;
    kept.delete(oldest);
  }
  kept.set(key, made);
  return made;
}

async function documentOf(db: Kysely<Tables>, id: SequenceId, version: number) {
  return await db
    .selectFrom('sequence_versions')
    .select('document_json')
    .where('sequence_id', '=', id)
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
}
