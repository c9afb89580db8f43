import type { z } from 'zod';
import type { ApiClient } from '../api-client.ts';
import { inParallel } from '../in-parallel.ts';
import type { Difference } from './difference.ts';

/** So many questions are put to the server at once. */
const AT_ONCE = 8;

/** Why the files cannot be applied. */
export interface PlanProblem {
  readonly file: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** An object that a file refers to by name. */
export interface Reference {
  /** As files say it: `collection`, `sequence`; `package` for what no file describes. */
  readonly kind: string;
  readonly name: string;
}

/** What files and server are held against each other by. */
export interface Site {
  readonly api: ApiClient;
  /** Whether files or server have an object. */
  has(reference: Reference): boolean;
  /** Value of a secret from where a file says that it is. */
  readonly secret: (source: SecretSource) => Promise<string | undefined>;
  /** Secrets that are there already are set again. */
  readonly setSecrets: boolean;
}

/** Where the value of a secret comes from: an environment variable, or a file beside the folder's. */
export type SecretSource = { readonly env: string } | { readonly file: string };

/** What has to happen to one object. */
export interface Planned {
  readonly kind: string;
  readonly title: string;
  readonly name: string;
  /** Null for what no file names. */
  readonly file: string | null;
  readonly action: 'create' | 'change' | 'remove' | 'none';
  readonly differences: readonly Difference[];
  readonly problems: readonly PlanProblem[];
}

/** One kind of object that a folder may describe. `Now` is what the server says of one. */
export interface ObjectKind<Document extends object, Now> {
  /** As `kind` of a file says it. */
  readonly kind: string;
  readonly title: string;
  readonly schema: z.ZodType<Document>;
  nameOf(document: Document): string;
  /** All that the server has by name, in lower case, as far as it can be what the documents mean. */
  list(api: ApiClient, documents: readonly Document[]): Promise<Map<string, Now>>;
  /** What the list says and more, where the list does not say all. */
  detail?(api: ApiClient, now: Now, document: Document): Promise<Now>;
  /** The one that a document means, where its name alone does not say it. */
  find?(document: Document, all: ReadonlyMap<string, Now>): Now | undefined;
  /** Names that have to be there. */
  references?(document: Document): readonly Reference[];
  problems?(
    document: Document,
    now: Now | undefined,
    site: Site,
  ): Promise<readonly Omit<PlanProblem, 'file'>[]>;
  /** What the server would refuse of those that are to be made or changed, where nothing else is wrong. */
  refusals?(
    all: readonly Put<Document, Now>[],
    site: Site,
  ): Promise<ReadonlyMap<Document, readonly Omit<PlanProblem, 'file'>[]>>;
  differences(document: Document, now: Now, site: Site): readonly Difference[];
  /** Makes or changes one. */
  put?(site: Site, document: Document, now: Now | undefined): Promise<void>;
  /** Makes or changes several together, where they can be. */
  putAll?(site: Site, all: readonly Put<Document, Now>[]): Promise<void>;
  /** An order in which they can be made, where it matters. */
  order?(documents: readonly Document[]): readonly Document[];
  /** What of the server goes when no file names it; without it nothing does. */
  readonly prune?: {
    /** Whether it may go at all, given the files of this kind. */
    may(now: Now, documents: readonly Document[]): boolean;
    nameOf(now: Now): string;
    remove(api: ApiClient, now: Now): Promise<void>;
  };
}

/** One that is to be made or changed. */
export interface Put<Document, Now> {
  readonly document: Document;
  readonly now: Now | undefined;
}

/** A kind while a folder is held against a server: its files, then what is there, then what is to do. */
export interface KindRun<Document = unknown> {
  readonly kind: string;
  readonly title: string;
  /** Whether a file describes one. */
  isUsed(): boolean;
  /** Kinds that its files name objects of. */
  refersTo(): readonly string[];
  /** @returns name of the object @throws {z.ZodError} */
  add(file: string, value: unknown): void;
  load(api: ApiClient): Promise<void>;
  has(name: string): boolean;
  plan(site: Site, prune: boolean): Promise<readonly Planned[]>;
  /** What its files say of those that are to be made or changed, once that is planned. */
  changes(): readonly Document[];
  /** What the server would refuse of what is planned. */
  refusals(site: Site): Promise<readonly PlanProblem[]>;
  apply(site: Site): Promise<void>;
  prune(api: ApiClient): Promise<void>;
}

/** Begins with a kind: nothing is read yet. */
export function openKind<Document extends object, Now>(
  kind: ObjectKind<Document, Now>,
): KindRun<Document> {
  const files = new Map<Document, string>();
  let all = new Map<string, Now>();
  const found = new Map<Document, Now>();
  const todo = new Set<Document>();
  const goes: Now[] = [];
  const { title } = kind;
  const keyOf = (document: Document) => kind.nameOf(document).trim().toLowerCase();
  const wanted = () => kind.order?.([...files.keys()]) ?? [...files.keys()];

  const puts = () =>
    wanted()
      .filter((document) => todo.has(document))
      .map((document) => ({ document, now: found.get(document) }));

  async function planOne(document: Document, site: Site): Promise<Planned> {
    const file = files.get(document) ?? '';
    const name = kind.nameOf(document);
    const now = found.get(document);
    const differences = now === undefined ? [] : kind.differences(document, now, site);
    const action = now === undefined ? 'create' : differences.length === 0 ? 'none' : 'change';
    if (action !== 'none') todo.add(document);
    const missing = (kind.references?.(document) ?? []).filter((each) => !site.has(each));
    const problems = [
      ...missing.map((each) => ({
        code: 'apply.reference',
        message: `The ${title} "${name}" names the ${each.kind} "${each.name}", which is neither here nor on the server`,
        hint: 'Correct the name, or add it.',
      })),
      ...((await kind.problems?.(document, now, site)) ?? []),
    ].map((problem) => ({ ...problem, file }));
    return { kind: kind.kind, title, name, file, action, differences, problems };
  }

  return {
    kind: kind.kind,
    title,
    isUsed: () => files.size > 0,
    refersTo: () =>
      [...files.keys()].flatMap((document) =>
        (kind.references?.(document) ?? []).map((reference) => reference.kind),
      ),
    add: (file, value) => void files.set(kind.schema.parse(value), file),
    async load(api) {
      all = await kind.list(api, [...files.keys()]);
      await inParallel(files.keys(), AT_ONCE, async (document) => {
        const now = kind.find === undefined ? all.get(keyOf(document)) : kind.find(document, all);
        if (now !== undefined)
          found.set(document, (await kind.detail?.(api, now, document)) ?? now);
      });
    },
    has: (name) =>
      all.has(name.trim().toLowerCase()) ||
      [...files.keys()].some((each) => keyOf(each) === name.trim().toLowerCase()),
    async plan(site, prune) {
      const planned: Planned[] = [];
      for (const document of wanted()) planned.push(await planOne(document, site));
      if (!prune || kind.prune === undefined) return planned;
      const stays = new Set([
        ...[...files.keys()].map(keyOf),
        ...[...all].flatMap(([name, now]) => ([...found.values()].includes(now) ? [name] : [])),
      ]);
      for (const [name, now] of all) {
        if (stays.has(name) || !kind.prune.may(now, [...files.keys()])) continue;
        goes.push(now);
        const shown = kind.prune.nameOf(now);
        planned.push({
          kind: kind.kind,
          title,
          name: shown,
          file: null,
          action: 'remove',
          differences: [],
          problems: [],
        });
      }
      return planned;
    },
    changes: () => puts().map(({ document }) => document),
    async refusals(site) {
      const all = (await kind.refusals?.(puts(), site)) ?? new Map<Document, PlanProblem[]>();
      return [...all].flatMap(([document, problems]) =>
        problems.map((problem) => ({ ...problem, file: files.get(document) ?? '' })),
      );
    },
    async apply(site) {
      const all = puts();
      if (all.length === 0) return;
      await kind.putAll?.(site, all);
      for (const { document, now } of all) await kind.put?.(site, document, now);
    },
    async prune(api) {
      for (const now of goes) await kind.prune?.remove(api, now);
    },
  };
}
