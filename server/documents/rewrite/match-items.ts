/** Which item of an old list each item of a new one is. */
type Matches = ReadonlyMap<number, number>;

/** Pairs of items looked at for likeness: beyond them, items of the same place are taken for the same. */
const MAX_COMPARED = 40_000;

/** Matches the items of two lists: those that are surely the same first, then those that may be. */
export function matchItems(olds: readonly unknown[], news: readonly unknown[]): Matches {
  const sure = matchSure(olds, news);
  const taken = new Set(sure.values());
  const freeOlds = [...olds.keys()].filter((old) => !taken.has(old));
  const freeNews = [...news.keys()].filter((fresh) => !sure.has(fresh));
  const likely = matchLikely(
    freeOlds.map((old) => olds[old]),
    freeNews.map((fresh) => news[fresh]),
  );
  const more = [...likely].map(
    ([fresh, old]) => [freeNews[fresh] ?? -1, freeOlds[old] ?? -1] as const,
  );
  return new Map([...sure, ...more]);
}

/** Equal items, then those of one name. @returns index in the old list by index in the new one */
export function matchSure(olds: readonly unknown[], news: readonly unknown[]): Matches {
  const matches = new Map<number, number>();
  const freeOlds = new Set(olds.keys());
  for (const name of [canonical, fullName, plainName]) {
    const byName = new Map<string, number[]>();
    for (const old of freeOlds) {
      const key = name(olds[old]);
      if (key !== undefined) byName.set(key, [...(byName.get(key) ?? []), old]);
    }
    for (const fresh of news.keys()) {
      const key = matches.has(fresh) ? undefined : name(news[fresh]);
      const old = key === undefined ? undefined : byName.get(key)?.shift();
      if (old === undefined) continue;
      matches.set(fresh, old);
      freeOlds.delete(old);
    }
  }
  return matches;
}

/** Items that are alike, the most alike first, then those of one place. */
export function matchLikely(olds: readonly unknown[], news: readonly unknown[]): Matches {
  const matches = new Map<number, number>();
  const taken = new Set<number>();
  const match = (fresh: number, old: number): void => {
    if (matches.has(fresh) || taken.has(old)) return;
    matches.set(fresh, old);
    taken.add(old);
  };
  if (olds.length * news.length <= MAX_COMPARED) {
    const pairs = [...news.keys()].flatMap((fresh) =>
      [...olds.keys()].map((old) => ({ fresh, old, alike: likeness(olds[old], news[fresh]) })),
    );
    const sorted = pairs.filter(({ alike }) => alike >= 0.5);
    for (const { fresh, old } of sorted.sort((one, other) => other.alike - one.alike))
      match(fresh, old);
  }
  for (const fresh of news.keys())
    if (fresh < olds.length && isSameKind(olds[fresh], news[fresh])) match(fresh, fresh);
  return matches;
}

/** A text that two values share exactly when they are equal. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const entries = Object.entries(value).map(
    ([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`,
  );
  return `{${entries.sort().join()}}`;
}

/** A step by its name and type, a group by its name, other things by their names. */
export function fullName(value: unknown): string | undefined {
  const kind = ['group', 'step', 'name', 'variable', 'kind'].find((key) => textOf(value, key));
  if (kind === undefined) return undefined;
  return JSON.stringify([kind, textOf(value, kind), kind === 'step' ? textOf(value, 'type') : '']);
}

function plainName(value: unknown): string | undefined {
  const kind = ['group', 'step'].find((key) => textOf(value, key));
  return kind === undefined ? undefined : JSON.stringify([kind, textOf(value, kind)]);
}

function textOf(value: unknown, key: string): string | undefined {
  const found: unknown = Reflect.get(Object(value), key);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** Share of the fields that two things have in common. */
function likeness(old: unknown, fresh: unknown): number {
  if (!isSameKind(old, fresh) || typeof old !== 'object') return 0;
  const [one, other] = [fieldsOf(old), fieldsOf(fresh)];
  const shared = [...one].filter((field) => other.has(field)).length;
  return shared / Math.max(one.size, other.size, 1);
}

function fieldsOf(value: unknown): ReadonlySet<string> {
  return new Set(Object.entries(Object(value)).map(([key, inner]) => `${key}:${canonical(inner)}`));
}

function isSameKind(old: unknown, fresh: unknown): boolean {
  return kindOf(old) === kindOf(fresh);
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return 'scalar';
  if (Array.isArray(value)) return 'list';
  return 'group' in value ? 'group' : 'step' in value ? 'step' : 'map';
}
