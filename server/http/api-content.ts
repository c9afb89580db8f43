import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { PackageId, Sha256 } from '#agent/protocol/identity.ts';
import { ContentFallback } from '#agent/protocol/policy.ts';

const Name = z.string().trim().min(1).max(128);
/** Server by name or IPv4 address, share, folders; names with `%20` and the like, and none that leads out. */
const SHARE_URL = /^smb:\/\/[\w.-]+(\/(?!\.\.?(\/|$))(%(?!2f|5c|00)[0-9a-f]{2}|[^/\\%])+)+$/i;

/**
 * Base URL of a distribution point; objects lie below it as `/content/ab/<sha256>`. A share (SMB) and a folder of it
 * are `smb://server/share/folder`.
 */
const PointUrl = z
  .url({ protocol: /^(https?|smb)$/ })
  .max(1000)
  .transform((text) => text.replace(/\/+$/, ''))
  .refine((text) => {
    const { username, password, search, hash } = new URL(text);
    return [username, password, search, hash].every((part) => part === '');
  }, 'an address without account, query and fragment')
  .refine(
    (text) => !text.startsWith('smb:') || SHARE_URL.test(text),
    'of a share its server and its name: smb://server/share',
  );

/** One CA certificate or several, in PEM. */
const PointCa = z
  .string()
  .trim()
  .max(100_000)
  .refine(isPem, 'no CA certificate in PEM (-----BEGIN CERTIFICATE-----)');

/** GET /distribution-points. */
export const DistributionPointView = z.object({
  id: z.string(),
  name: z.string(),
  /** Null: this server, at the address that a machine reaches it by. */
  url: z.string().nullable(),
  enabled: z.boolean(),
  /** PEM of the CA that its HTTPS certificate is of; null: one of the machine's system. */
  ca: z.string().nullable(),
  /** Boundary groups that it is in. */
  groups: z.array(z.object({ id: z.string(), name: z.string() })),
  /** Packages whose newest version is there; of the server itself all. */
  current: z.int(),
  /** Packages of the site. */
  total: z.int(),
  damaged: z.int(),
  /** Objects that machines could not have from there. */
  faults: z.int(),
});
export type DistributionPointView = z.infer<typeof DistributionPointView>;

/** GET /distribution-points/:id. */
export const DistributionPointDetail = DistributionPointView.extend({
  packages: z.array(
    z.object({
      packageId: PackageId,
      name: z.string(),
      kind: z.string(),
      version: z.int(),
      /** The newest that the site has. */
      newest: z.int(),
      state: z.enum(['present', 'damaged']),
      detail: z.string(),
      checkedMs: z.int(),
    }),
  ),
  reported: z.array(
    z.object({
      sha256: Sha256,
      kind: z.enum(['missing', 'damaged', 'answer']),
      detail: z.string(),
      reports: z.int(),
      firstMs: z.int(),
      lastMs: z.int(),
      packages: z.array(PackageId),
    }),
  ),
});
export type DistributionPointDetail = z.infer<typeof DistributionPointDetail>;

/** POST /distribution-points. */
export const DistributionPointCreate = z.strictObject({
  name: Name,
  url: PointUrl,
  ca: PointCa.optional(),
  /** Boundary groups that it is put into, by id or name. */
  groups: z.array(z.string().max(256)).max(1000).default([]),
});

/** PUT /distribution-points/:id; what is not named stays. */
export const DistributionPointChange = z.strictObject({
  name: Name.optional(),
  url: PointUrl.optional(),
  enabled: z.boolean().optional(),
  /** Null: CAs of the machine's system alone. */
  ca: PointCa.nullable().optional(),
  /** Forgets what machines told. */
  clearFaults: z.literal(true).optional(),
});

/** PUT /distribution-points/:id/packages: what is there, as whoever filled or checked it found it. */
export const DistributedPackages = z.strictObject({
  packages: z
    .array(
      z.strictObject({
        packageId: PackageId,
        version: z.int().positive(),
        state: z.enum(['present', 'damaged']),
        detail: z.string().max(1000).default(''),
      }),
    )
    .max(100_000),
  /** No other package is there. */
  only: z.boolean().default(false),
});
export type DistributedPackages = z.input<typeof DistributedPackages>;

/** GET /packages/versions: the newest of each, and those that open runs have pinned. */
export const ContentVersions = z.array(
  z.object({
    packageId: PackageId,
    name: z.string(),
    kind: z.string(),
    version: z.int(),
    newest: z.boolean(),
  }),
);
export type ContentVersions = z.infer<typeof ContentVersions>;

/** GET /boundary-groups. */
export const BoundaryGroupView = z.object({
  id: z.string(),
  name: z.string(),
  isDefault: z.boolean(),
  boundaries: z.array(z.string()),
  points: z.array(z.object({ id: z.string(), name: z.string(), enabled: z.boolean() })),
  neighbors: z.array(z.object({ id: z.string(), name: z.string(), allowed: z.boolean() })),
  allowDefault: z.boolean(),
});
export type BoundaryGroupView = z.infer<typeof BoundaryGroupView>;

/** PUT /boundary-groups/:id; what is not named stays, and a list that is named replaces the one before. */
export const BoundaryGroupChange = z.strictObject({
  name: Name.optional(),
  boundaries: z.array(z.string().trim().max(100)).max(1000).optional(),
  /** Distribution points by id or name. */
  points: z.array(z.string().max(256)).max(100).optional(),
  /** Groups to fall back to in their order, by id or name. */
  neighbors: z
    .array(z.strictObject({ group: z.string().max(256), allowed: z.boolean().default(true) }))
    .max(100)
    .optional(),
  allowDefault: z.boolean().optional(),
});
/** POST /boundary-groups. */
export const BoundaryGroupCreate = BoundaryGroupChange.extend({ name: Name });

/** GET /boundary-groups/locate: what a machine with that address gets. */
export const LocateQuery = z.object({
  /** Whoever asks, where it is left out. */
  address: z.string().max(100).optional(),
  neighbors: z.enum(['true', 'false']).default('false'),
  siteDefault: z.enum(['true', 'false']).default('false'),
});
export const LocatedPoints = z.object({
  points: z.array(z.object({ id: z.string(), name: z.string(), url: z.string().nullable() })),
  where: z.string(),
  fallback: ContentFallback,
});

function isPem(text: string): boolean {
  const all = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return all.length > 0 && all.every((one) => new X509Certificate(one).ca);
  } catch {
    return false;
  }
}
