import { z } from 'zod';
import {
  BoundaryGroupChange,
  BoundaryGroupView,
  DistributionPointCreate,
  DistributionPointView,
} from '../../http/api-content.ts';
import { differencesOf, key } from './difference.ts';
import type { ObjectKind } from './kind.ts';
import { listByName, Name, removeBelow } from './listed.ts';

/** A distribution point as a file describes it; what is on it is filled by `metalwright dp sync`. */
const PointDocument = z.strictObject({
  kind: z.literal('distribution-point'),
  ...DistributionPointCreate.omit({ groups: true }).shape,
  enabled: z.boolean().default(true),
});
type PointDocument = z.infer<typeof PointDocument>;

export const distributionPointKind: ObjectKind<PointDocument, DistributionPointView> = {
  kind: 'distribution-point',
  title: 'distribution point',
  schema: PointDocument,
  nameOf: ({ name }) => name,
  list: (api) => listByName(api, '/distribution-points', DistributionPointView),
  differences: ({ url, enabled, ca }, now) =>
    differencesOf({ url: now.url, enabled: now.enabled, ca: now.ca }, { url, enabled, ca }),
  async put({ api }, { name, url, enabled, ca }, now) {
    const { id } =
      now ??
      (await api.call('POST', '/distribution-points', DistributionPointView, {
        json: { name, url, ca },
      }));
    if (now !== undefined || !enabled)
      await api.call('PUT', `/distribution-points/${id}`, DistributionPointView, {
        json: { url, enabled, ca: ca ?? null },
      });
  },
  prune: {
    // Without an address it is the server itself.
    may: ({ url }) => url !== null,
    nameOf: ({ name }) => name,
    remove: removeBelow('/distribution-points'),
  },
};

const Neighbor = z.union([
  Name,
  z.strictObject({ group: Name, allowed: z.boolean().default(true) }),
]);

/** A boundary group as a file describes it; what it leaves out is empty. */
const GroupDocument = z.strictObject({
  kind: z.literal('boundary-group'),
  name: Name,
  boundaries: BoundaryGroupChange.shape.boundaries.unwrap().default([]),
  points: BoundaryGroupChange.shape.points.unwrap().default([]),
  neighbors: z.array(Neighbor).max(100).default([]),
  allowDefault: z.boolean().default(false),
});
type GroupDocument = z.infer<typeof GroupDocument>;

const neighborsOf = ({ neighbors }: GroupDocument) =>
  neighbors.map((each) => (typeof each === 'string' ? { group: each, allowed: true } : each));

export const boundaryGroupKind: ObjectKind<GroupDocument, BoundaryGroupView> = {
  kind: 'boundary-group',
  title: 'boundary group',
  schema: GroupDocument,
  nameOf: ({ name }) => name,
  list: (api) => listByName(api, '/boundary-groups', BoundaryGroupView),
  references: (document) => [
    ...document.points.map((name) => ({ kind: 'distribution-point', name })),
    ...neighborsOf(document).map(({ group }) => ({ kind: 'boundary-group', name: group })),
  ],
  differences: (document, now) =>
    differencesOf(
      {
        boundaries: now.boundaries,
        points: now.points.map(({ name }) => key(name)).toSorted(),
        neighbors: now.neighbors.map(({ name, allowed }) => ({ group: key(name), allowed })),
        allowDefault: now.allowDefault,
      },
      {
        boundaries: document.boundaries,
        points: document.points.map(key).toSorted(),
        neighbors: neighborsOf(document).map(({ group, allowed }) => ({
          group: key(group),
          allowed,
        })),
        allowDefault: document.allowDefault,
      },
    ),
  // Neighbors may be of one another: all are made first, then each is filled.
  async putAll({ api }, all) {
    for (const { document, now } of all)
      if (now === undefined)
        await api.call('POST', '/boundary-groups', BoundaryGroupView, {
          json: { name: document.name },
        });
  },
  async put({ api }, document) {
    const { boundaries, points, allowDefault } = document;
    const json = { boundaries, points, neighbors: neighborsOf(document), allowDefault };
    const path = `/boundary-groups/${encodeURIComponent(document.name)}`;
    await api.call('PUT', path, BoundaryGroupView, { json });
  },
  prune: {
    may: ({ isDefault }) => !isDefault,
    nameOf: ({ name }) => name,
    remove: removeBelow('/boundary-groups'),
  },
};
