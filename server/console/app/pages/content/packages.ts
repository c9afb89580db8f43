import { useQuery } from '@tanstack/react-query';
import type {
  DistributionPointDetail,
  DistributionPointView,
} from '../../../../http/api-content.ts';
import { call } from '../../api/call.ts';
import type { Tone } from '../../parts/pill.tsx';
import { contentText as text } from '../../text/content.ts';
import type { PackageVersionView } from './package-answers.ts';

/** What is shown of a package. */
export interface PackageRow {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly version: number;
  readonly sizeBytes: number | undefined;
  readonly isSecret: boolean;
  /** Versions that runs still need. */
  readonly older: readonly number[];
  readonly places: readonly Place[];
  /** What a search looks through. */
  readonly words: string;
}

interface Place {
  readonly state: 'here' | 'damaged' | 'missing' | 'off';
  readonly text: string;
}

const EVERY_MS = 30_000;
const lists = ['/packages', '/images', '/boot-images'];

/** Packages, images and applications with what each distribution point has of them. */
export const usePackages = () =>
  useQuery({ queryKey: ['/packages/rows'], queryFn: readPackages, refetchInterval: EVERY_MS });

async function readPackages(): Promise<PackageRow[]> {
  const [versions, points, ...listed] = await Promise.all([
    call<PackageVersionView[]>('GET', '/packages/versions'),
    call<DistributionPointView[]>('GET', '/distribution-points'),
    ...lists.map((path) =>
      call<{ id: string; sizeBytes: number; secret?: boolean }[]>('GET', path),
    ),
  ]);
  const details = await Promise.all(
    points.map(({ id }) =>
      call<DistributionPointDetail>('GET', `/distribution-points/${encodeURIComponent(id)}`),
    ),
  );
  const facts = new Map(listed.flat().map((one) => [one.id, one]));
  const held = details.map((point) => ({
    ...point,
    packages: Map.groupBy(point.packages, ({ packageId }) => String(packageId)),
  }));
  const older = Map.groupBy(
    versions.filter(({ newest }) => !newest),
    ({ packageId }) => packageId,
  );
  return versions
    .filter(({ newest }) => newest)
    .map(({ packageId: id, name, kind, version }) => ({
      id,
      name,
      kind: text.kinds[kind] ?? kind,
      version,
      sizeBytes: facts.get(id)?.sizeBytes,
      isSecret: facts.get(id)?.secret === true,
      older: (older.get(id) ?? []).map((one) => one.version).sort((one, other) => one - other),
      // An application has no files of its own.
      places: kind === 'application' ? [] : held.map((point) => placeOf(point, { id, version })),
      words: `${name} ${id} ${kind} ${text.kinds[kind] ?? ''}`.toLowerCase(),
    }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

interface HeldPoint extends DistributionPointView {
  readonly packages: ReadonlyMap<string, DistributionPointDetail['packages']>;
}

/** What a distribution point has of a package. */
function placeOf(
  { name, url, enabled, packages }: HeldPoint,
  { id, version }: { readonly id: string; readonly version: number },
): Place {
  const of = (state: Place['state'], what: string): Place => ({
    state: enabled ? state : 'off',
    text: `${name}${enabled ? '' : text.places.off}: ${what}`,
  });
  if (url === null) return of('here', text.places.all);
  const there = packages.get(id) ?? [];
  const newest = there.find((one) => one.version === version);
  if (newest?.state === 'present') return of('here', text.places.version(version));
  if (newest !== undefined) return of('damaged', text.places.damaged(newest.detail));
  const before = there.map((one) => one.version).sort((one, other) => one - other);
  return before.length === 0
    ? of('missing', text.places.missing)
    : of('missing', text.places.only(before.join(', ')));
}

/** How the content of a package stands, by its worst place. */
export function standing(places: readonly Place[]): { readonly tone: Tone; readonly word: string } {
  if (places.length === 0) return { tone: 'calm', word: text.noFiles };
  if (places.some(({ state }) => state === 'damaged')) return { tone: 'bad', word: text.damaged };
  const missing = places.filter(({ state }) => state === 'missing').length;
  return missing === 0
    ? { tone: 'good', word: text.everywhere }
    : { tone: 'warn', word: text.without(missing) };
}
