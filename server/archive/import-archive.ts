import type { PackageId } from '#agent/protocol/identity.ts';
import type { SequenceBatch, SequenceBatchAnswer } from '../http/api-sequences.ts';
import { resolveBy } from '../inventory/pin.ts';
import { type BroughtPackage, bringPackages } from './bring-packages.ts';
import { documentReferences } from './document-references.ts';
import { editText } from './edit-text.ts';
import {
  applicationsThere,
  type ProgramLinker,
  programLinker,
  withSoftware,
} from './import-software.ts';
import type { ArchivedObject } from './manifest.ts';
import { type PlannedApplication, planApplications } from './plan-applications.ts';
import {
  type ConflictRule,
  planSequences,
  type SequencePlan,
  type SiteNames,
} from './plan-import.ts';
import { type Archive, openArchive, type ReadDocument } from './read-archive.ts';
import { type Link, relink } from './relink.ts';
import type { ImportSite } from './site.ts';

/** What an import did. */
export interface ArchiveImport {
  readonly sequences: readonly {
    /** As it is called in the archive. */
    readonly archived: string;
    readonly what: SequencePlan['kind'];
    /** As it is called now. */
    readonly name: string;
    readonly id: string;
    readonly version: number;
    readonly state: 'draft' | 'ready' | undefined;
    readonly problems: SequenceBatchAnswer['sequences'][number]['problems'];
    /** Places of secrets that the archive does not have: a person puts them in. */
    readonly secrets: readonly string[];
  }[];
  readonly packages: readonly {
    readonly archived: string;
    readonly kind: ArchivedObject['kind'];
    /** `missing`: its content, or what it leads to, is in neither the archive nor the site. */
    readonly what: 'use' | 'overwrite' | 'create' | 'missing';
    readonly name: string;
    readonly id: string | undefined;
    /** Names of programs that run something first which is not there. */
    readonly leftOut: readonly string[];
  }[];
}

export interface ImportOptions {
  readonly onConflict: ConflictRule;
  readonly signal: AbortSignal;
  /** Told of each object that was sent. */
  readonly onSent?: (sizeBytes: number) => void;
}

/**
 * Takes an archive in: first the content that the site does not have, then everything at once, or nothing.
 * What came of content stays for a day, so that an import that broke off goes on. A sequence that lost
 * secrets, or references what is not there, becomes a draft.
 *
 * @throws what `openArchive` throws; {ArchiveError} `archive.hash`; what the site refuses
 */
export async function importArchive(
  site: ImportSite,
  file: string,
  options: ImportOptions,
): Promise<ArchiveImport> {
  await using archive = await openArchive(file);
  const names: SiteNames = { sequences: await site.sequences(), packages: await site.packages() };
  const plans = planSequences(archive.sequences, names, options.onConflict);
  const coming = archive.sequences.filter((_each, index) => plans[index]?.kind !== 'ignore');
  const rule = options.onConflict;
  const wanted = withSoftware(referencedBy(coming, archive), archive, { names, rule });
  const packages = await bringPackages(site, archive, { ...options, names, wanted });
  const there = await applicationsThere(site, archive, names);
  const applications = planApplications(archive, { wanted, rule, names, packages, there });
  const programs = programLinker(archive, { names, packages });
  const documents = archive.sequences.flatMap((sequence, index) => {
    const plan = plans[index];
    if (plan === undefined || plan.kind === 'ignore') return [];
    return [
      {
        sequence,
        plan,
        entry: toEntry(sequence, plan, { archive, plans, packages, applications, names }),
      },
    ];
  });
  const batch = {
    packages: packages.flatMap(({ id, upload }) =>
      upload === undefined ? [] : [{ ...upload, ...programs(id).own }],
    ),
    applications: applications.flatMap(({ entry }) => entry ?? []),
    sequences: documents.map(({ entry }) => entry),
  } satisfies SequenceBatch;
  const isEmpty = Object.values(batch).every(({ length }) => length === 0);
  const kept = isEmpty ? NOTHING : await site.keep(batch);
  return report(archive, { plans, packages, applications, programs, kept });
}

const NOTHING: SequenceBatchAnswer = { packages: [], applications: [], sequences: [] };

type Entry = SequenceBatch['sequences'][number];
interface Known {
  readonly archive: Archive;
  readonly plans: readonly SequencePlan[];
  readonly packages: readonly BroughtPackage[];
  readonly applications: readonly PlannedApplication[];
  readonly names: SiteNames;
}

/** Ids of the archive's packages that sequences reference, in disabled steps too. */
function referencedBy(
  sequences: readonly ReadDocument[],
  { manifest }: Archive,
): ReadonlySet<PackageId> {
  const ids = new Map(manifest.objects.map(({ id }) => [String(id), id]));
  const resolve = resolveBy(manifest.objects);
  const found = sequences.flatMap(({ document }) =>
    documentReferences(document).flatMap(({ kind, id, name }) => {
      if (kind === 'sequence') return [];
      return (id === undefined ? resolve({ name }, kind) : ids.get(id)) ?? [];
    }),
  );
  return new Set(found);
}

function toEntry(
  { text, format, document, id, state }: ReadDocument,
  plan: Exclude<SequencePlan, { kind: 'ignore' }>,
  { archive, plans, packages, applications, names }: Known,
): Entry {
  const { manifest, sequences } = archive;
  const taken = new Set<string>([...names.sequences, ...names.packages].map((each) => each.id));
  const links = new Map<string, Link>();
  for (const [index, { id: from }] of sequences.entries()) {
    const made = plans[index];
    if (made === undefined) continue;
    links.set(from, made.kind === 'create' ? made : made.there);
  }
  for (const { id: from, link } of [...packages, ...applications]) links.set(from, link);
  const edits = relink(document, manifest, {
    link: (from) => links.get(from),
    isTaken: (one) => taken.has(one),
  });
  const isRenamed = plan.kind === 'create' && plan.name !== nameOf(document);
  const all = isRenamed ? [...edits, { keys: ['name'], value: plan.name }] : edits;
  const lostSecrets = manifest.secrets.some(({ sequence }) => sequence === id);
  return {
    text: editText({ text, format }, document, all),
    format,
    as: state === 'draft' || lostSecrets ? 'draft' : 'ready-or-draft',
    baseVersion: plan.kind === 'overwrite' ? plan.there.version : 0,
    ...(plan.kind === 'create' && plan.id !== undefined ? { id: plan.id } : {}),
  };
}

function nameOf(document: unknown): unknown {
  return Reflect.get(Object(document), 'name');
}

function report(
  { sequences, manifest }: Archive,
  done: {
    readonly plans: readonly SequencePlan[];
    readonly packages: readonly BroughtPackage[];
    readonly applications: readonly PlannedApplication[];
    readonly programs: ProgramLinker;
    readonly kept: SequenceBatchAnswer;
  },
): ArchiveImport {
  const made = done.kept.sequences.values();
  const madePackages = done.kept.packages.values();
  const madeApplications = done.kept.applications.values();
  const kinds = new Map(manifest.objects.map(({ id, kind }) => [id, kind]));
  const kindOf = (id: PackageId) => kinds.get(id) ?? 'package';
  return {
    sequences: sequences.flatMap(({ id, name }, index): ArchiveImport['sequences'] => {
      const plan = done.plans[index];
      if (plan === undefined) return [];
      if (plan.kind === 'ignore') {
        const { there } = plan;
        const as = { what: plan.kind, name: there.name, id: there.id, version: there.version };
        return [{ archived: name, ...as, state: undefined, problems: [], secrets: [] }];
      }
      const { value } = made.next();
      if (value === undefined) return [];
      const places = manifest.secrets.filter(({ sequence }) => sequence === id);
      const secrets = places.map(({ path }) => path);
      return [{ archived: name, what: plan.kind, ...value, secrets }];
    }),
    packages: [
      ...done.packages.map(({ id, archived, what, link, upload }) => {
        const value = upload === undefined ? undefined : madePackages.next().value;
        const leftOut = upload === undefined ? [] : done.programs(id).leftOut;
        const kind = kindOf(id);
        return { archived, kind, what, name: link.name, id: value?.id ?? link.id, leftOut };
      }),
      ...done.applications.map(({ id, archived, what, link, entry }) => {
        const value = entry === undefined ? undefined : madeApplications.next().value;
        const kind = kindOf(id);
        return { archived, kind, what, name: link.name, id: value?.id ?? link.id, leftOut: [] };
      }),
    ],
  };
}
