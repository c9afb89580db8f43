import { z } from 'zod';
import { CollectionId, DeviceId, MachineArchitecture } from '#agent/protocol/identity.ts';
import { CollectionView } from './api.ts';

const Text = z.string().trim().min(1).max(256);

/** A rule as an operator writes it: devices and collections by name or id. */
export const RuleWish = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('query'),
    /** Unique in its collection; the query itself where it is not given. */
    name: Text.optional(),
    query: z.string().trim().min(1).max(16_384),
  }),
  z.strictObject({ kind: z.enum(['include', 'exclude']), collection: Text }),
  /** *x64 Unknown Computer* and its like: approved unknown machines of that architecture. */
  z.strictObject({ kind: z.literal('unknown-computer'), architecture: MachineArchitecture }),
  z.strictObject({ kind: z.literal('direct'), device: Text }),
]);
export type RuleWish = z.infer<typeof RuleWish>;

/** A rule that is to go: by what tells it from others of its kind. */
export const RuleName = z.strictObject({
  kind: z.enum(['query', 'include', 'exclude', 'unknown-computer', 'direct']),
  /** Name of a query, name or id of a collection or device, or the architecture. */
  name: Text,
});
export type RuleName = z.infer<typeof RuleName>;

/** A rule of a collection; direct ones are told by its members. */
export const RuleView = z.object({
  kind: z.enum(['query', 'include', 'exclude', 'unknown-computer']),
  /** Name of the query or of the other collection, or the architecture. */
  name: z.string(),
  /** Of a query. */
  query: z.string().nullable(),
  /** Of include and exclude. */
  collection: CollectionId.nullable(),
  /** Why the query cannot be read by this version; null: it can. */
  problem: z.string().nullable(),
});
export type RuleView = z.infer<typeof RuleView>;

/** GET /collections/:id. */
export const CollectionDetail = CollectionView.extend({
  rules: z.array(RuleView),
  /** Devices that direct rules name. */
  directRules: z.int(),
});
export type CollectionDetail = z.infer<typeof CollectionDetail>;

/** POST /collections. */
export const CollectionCreate = z.strictObject({
  name: z.string().trim().min(1).max(128),
  /** By name or id; *All Systems* where it is not given, or *All Users*. */
  limitingCollection: z.string().optional(),
  kind: z.enum(['device', 'user']).optional(),
  rules: z.array(RuleWish).max(1000).default([]),
});

/** PUT /collections/:id: what is left out stays. */
export const CollectionChange = z.strictObject({
  name: z.string().trim().min(1).max(128).optional(),
  limitingCollection: z.string().optional(),
  precedence: z.int().min(0).max(1_000_000).optional(),
});

/** POST /collections/:id/copy. */
export const CollectionCopy = z.strictObject({ name: z.string().trim().min(1).max(128) });

/** POST /collections/:id/rules. */
export const RuleChange = z.strictObject({
  add: z.array(RuleWish).max(1000).default([]),
  remove: z.array(RuleName).max(1000).default([]),
});

/** DELETE /collections/:id: `force` withdraws what is deployed to it. */
export const CollectionDelete = z.object({ force: z.stringbool().default(false) });
/** The answer: deployments that were withdrawn. */
export const CollectionDeleted = z.object({ id: CollectionId, withdrawn: z.array(z.string()) });

/** GET /collections/:id/members: in the order of ids, those after `after`. */
export const MembersQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.string().max(64).default(''),
});

const MemberView = z.object({
  id: DeviceId,
  name: z.string(),
  state: z.enum(['waiting', 'approved', 'known', 'ignored']),
  /** Since when it is a member; null for the built-in collections. */
  sinceMs: z.int().nullable(),
  /** A direct rule names it. */
  direct: z.boolean(),
});
export const MembersPage = z.object({
  members: z.array(MemberView),
  /** What `after` is for the next page; null: this was the last. */
  next: z.string().nullable(),
});
export type MembersPage = z.infer<typeof MembersPage>;

/** POST /collections/preview: who would be a member by these rules. */
export const PreviewWish = z.strictObject({
  limitingCollection: z.string().optional(),
  rules: z.array(RuleWish).max(1000),
  /** Members to be listed; all are counted. */
  limit: z.int().min(0).max(1000).default(50),
});
export const PreviewView = z.object({
  memberCount: z.int(),
  members: z.array(MemberView.pick({ id: true, name: true, state: true })),
});
export type PreviewView = z.infer<typeof PreviewView>;

/** GET /query/fields. */
export const QueryFieldView = z.object({
  name: z.string(),
  aliases: z.array(z.string()),
  type: z.enum(['text', 'number', 'date', 'boolean']),
  list: z.boolean(),
  doc: z.string(),
});
