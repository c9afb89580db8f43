/**
 * Which distribution points a machine takes content from, by its address. Configuration Manager's order:
 * those of its boundary groups, then those of their neighbors, then those of the site default group. A
 * task sequence waits for none of them: all that are allowed go to the machine at once, the nearest first.
 */
import type { ContentFallback } from '#agent/protocol/policy.ts';
import { isInBoundary, parseBoundary } from './boundary.ts';
import { parseAddress } from './ip-address.ts';

/** A web server or a share that has content in the layout of `objectPath`. */
export interface DistributionPoint {
  readonly id: string;
  readonly name: string;
  /** Base URL, `smb://` of a share; null: this server, at the address that the machine reached it by. */
  readonly url: string | null;
  readonly enabled: boolean;
  /** PEM of the CA that its HTTPS certificate is of; null: one of the machine's system. */
  readonly ca: string | null;
}

/** Machines by their addresses, and where they get content. */
export interface BoundaryGroup {
  readonly id: string;
  readonly name: string;
  /** The site default group: of machines in no other, and what others fall back to. */
  readonly isDefault: boolean;
  /** As they were written; `parseBoundary` reads them. */
  readonly boundaries: readonly string[];
  /** Ids of distribution points. */
  readonly points: readonly string[];
  /** Groups to fall back to, in their order; one that is not allowed is never used. */
  readonly neighbors: readonly { readonly group: string; readonly allowed: boolean }[];
  /** Whether the site default group may be fallen back to. */
  readonly allowDefault: boolean;
}

const NO_FALLBACK: ContentFallback = { neighbors: false, siteDefault: false };

/** The distribution points of one machine, the nearest first, and why there are no others. */
export interface AllowedPoints {
  readonly points: readonly DistributionPoint[];
  /** A clause for errors: where the machine is, and what it may not use. */
  readonly where: string;
}

/** @param question `address`: what the machine reached the server from */
export function allowedPoints(question: {
  readonly address: string;
  readonly groups: readonly BoundaryGroup[];
  readonly points: readonly DistributionPoint[];
  /** What the deployment allows; absent: nothing but the machine's own groups. */
  readonly fallback?: ContentFallback | undefined;
  /** Without a network access account nothing is read from shares. */
  readonly hasNetworkAccess: boolean;
}): AllowedPoints {
  const { address, groups, points, fallback = NO_FALLBACK, hasNetworkAccess } = question;
  const own = groupsOf(address, groups);
  const standard = groups.find(({ isDefault }) => isDefault);
  const current = own.length > 0 ? own : groups.filter(({ isDefault }) => isDefault);
  const byId = new Map(groups.map((group) => [group.id, group]));
  const order = new Set(current);
  const withheld: string[] = [];
  for (const { neighbors } of current)
    for (const { group, allowed } of neighbors) {
      const neighbor = byId.get(group);
      if (neighbor === undefined || order.has(neighbor)) continue;
      if (allowed && fallback.neighbors) order.add(neighbor);
      else withheld.push(`its neighbor "${neighbor.name}"`);
    }
  if (standard !== undefined && !order.has(standard)) {
    if (fallback.siteDefault && current.some(({ allowDefault }) => allowDefault))
      order.add(standard);
    else withheld.push(`the site default group`);
  }
  const found = new Set<DistributionPoint>();
  for (const group of order) {
    const members = points.filter(({ id, enabled }) => enabled && group.points.includes(id));
    for (const point of spread(members, address)) found.add(point);
  }
  const inside = current.map(({ name }) => `"${name}"`).join(' and ');
  const may =
    withheld.length === 0
      ? ''
      : `, from which it may not fall back to ${[...new Set(withheld)].join(', ')}`;
  const where = `${address} is in boundary group ${inside || 'none'}${may}`;
  const shares = [...found].filter(isShare);
  if (hasNetworkAccess || shares.length === 0) return { points: [...found], where };
  const names = shares.map(({ name }) => `"${name}"`).join(', ');
  return {
    points: [...found].filter((point) => !isShare(point)),
    where: `${where}; a share is read with a network access account, and the site has none for ${names} (account.content-share)`,
  };
}

/** Whether content is read from it as files of a share (SMB). */
export function isShare({ url }: Pick<DistributionPoint, 'url'>): boolean {
  return url?.startsWith('smb:') === true;
}

/** Groups that a machine is in, the one with the narrowest boundary around it first. */
function groupsOf(address: string, groups: readonly BoundaryGroup[]): BoundaryGroup[] {
  const parsed = parseAddress(address);
  if (parsed === undefined) return [];
  const found = groups.flatMap((group) => {
    const sizes = group.boundaries
      .map(parseBoundary)
      .filter((boundary) => isInBoundary(parsed, boundary))
      .map(({ first, last }) => last - first)
      .sort((one, other) => Number(one > other) - Number(one < other));
    return sizes[0] === undefined ? [] : [{ group, size: sizes[0] }];
  });
  return found
    .sort((one, other) => Number(one.size > other.size) - Number(one.size < other.size))
    .map(({ group }) => group);
}

/** Equals of a group in an order that differs by machine, so that a bench does not load one of them alone. */
function spread(
  points: readonly DistributionPoint[],
  address: string,
): readonly DistributionPoint[] {
  return points
    .map((point) => ({ point, weight: fnv(`${address} ${point.id}`) }))
    .sort((one, other) => one.weight - other.weight)
    .map(({ point }) => point);
}

/** FNV-1a, 32 bits, with its bits mixed once more: addresses of a bench differ in their last digit only. */
function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
