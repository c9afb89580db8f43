import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { ContentManifest } from '#agent/protocol/content.ts';
import { PackageId, type SequenceId, type Sha256 } from '#agent/protocol/identity.ts';
import { MEDIA_SOURCE } from '#agent/protocol/stand-alone.ts';
import { listMissingContent, missingContentRule } from '#agent/sequence/content-rule.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import type { SequenceNode } from '#agent/sequence/task-sequence.ts';
import { steps } from '#agent/steps/index.ts';
import { DocumentNode, documentAccountNames } from '../inventory/site-account.ts';
import { storedChild } from './child-finder.ts';
import { StoreError } from './error.ts';
import { addSoftware, listedSoftware } from './granted-software.ts';
import { keptManifest } from './kept-manifest.ts';
import { pinDocument } from './pin-document.ts';
import {
  formatContent,
  type PinnedContent,
  resolveContent,
  resolveDriverPackages,
} from './pinned-content.ts';
import type { Tables } from './tables.ts';

/** What stand-alone media of a sequence are to hold. */
export interface StandAlonePlan {
  /** A `StandAloneGrant` as JSON, but for `unattended`. */
  readonly grantJson: string;
  readonly sequence: { readonly id: SequenceId; readonly name: string; readonly version: number };
  /** Each once. */
  readonly objects: readonly { readonly sha256: Sha256; readonly sizeBytes: number }[];
  readonly packages: readonly {
    readonly id: PackageId;
    readonly name: string;
    readonly version: number;
  }[];
  /** What keeps them from being made. */
  readonly refusals: readonly Told[];
  /** What will fail at the machine. */
  readonly warnings: readonly Told[];
}
interface Told {
  readonly code: string;
  readonly message: string;
}

/** Steps that speak to somebody else while they run: without a network they fail. */
const needsNetwork: ReadonlySet<string> = new Set(['connect-network-folder', 'join-domain']);

export const standAlone = {
  /**
   * Resolves everything that a sequence references, in the newest versions (M45).
   * @throws {StoreError} `sequence.not-found`; {InventoryError} what a grant would be refused with
   */
  async plan(db: Kysely<Tables>, sequenceId: SequenceId): Promise<StandAlonePlan> {
    const stored = await storedChild(db, { id: sequenceId });
    if (stored === undefined)
      throw new StoreError('sequence.not-found', `There is no task sequence ${sequenceId}`);
    const { pinned, hasSecrets } = await pinDocument(db, stored);
    const content: Record<PackageId, PinnedContent> = {};
    for (const id of pinned.references) content[id] = await resolveContent(db, id);
    const choosesDrivers = pinned.choosesDrivers !== 'none';
    const drivers = choosesDrivers ? await resolveDriverPackages(db, () => true) : [];
    for (const { packageId, version } of drivers)
      content[packageId] ??= { kind: 'found', packageId, version };
    const { readsLists } = pinned;
    const readsAny = readsLists.applications || readsLists.programs;
    const listed = readsAny ? await listedSoftware(db, readsLists) : [];
    for (const id of listed) content[id] ??= await resolveContent(db, id);
    await addSoftware(db, content);

    const manifests = await manifestsOf(db, content);
    const objects = new Map<Sha256, number>();
    for (const manifest of manifests)
      for (const { sha256, sizeBytes } of manifest.objects) objects.set(sha256, sizeBytes);
    const { documentJson } = pinned;
    const { id, name, version } = stored;
    const found = listed.filter((each) => content[each]?.kind === 'found');
    const head = JSON.stringify({
      sequenceId: id,
      sequenceName: name,
      sequenceVersion: version,
      description: '',
      documentJson,
      documentSha256: createHash('sha256').update(documentJson).digest('hex'),
      ...(choosesDrivers ? { driverPackages: drivers.map(({ packageId }) => packageId) } : {}),
      ...(readsAny ? { software: found } : {}),
    });
    const entries = typedEntries(content);
    const here = () => ({ sources: [MEDIA_SOURCE], reason: '' });
    return {
      grantJson: `${head.slice(0, -1)},"content":${await formatContent(db, entries, here)}}`,
      sequence: { id, name, version },
      objects: [...objects].map(([sha256, sizeBytes]) => ({ sha256, sizeBytes })),
      packages: manifests.map((each) => ({
        id: each.packageId,
        name: each.name,
        version: each.version,
      })),
      ...judge({ documentJson, content, manifests, hasSecrets, bootImage: pinned.bootImage }),
    };
  },
};

function judge({
  documentJson,
  content,
  manifests,
  hasSecrets,
  bootImage,
}: {
  readonly documentJson: string;
  readonly content: Readonly<Record<PackageId, PinnedContent>>;
  readonly manifests: readonly ContentManifest[];
  readonly hasSecrets: boolean;
  readonly bootImage: PackageId | undefined;
}): Pick<StandAlonePlan, 'refusals' | 'warnings'> {
  const refusals: Told[] = [];
  const warnings: Told[] = [];
  const sequence = parseTaskSequence(JSON.parse(documentJson), steps);
  if (bootImage !== undefined)
    refusals.push({
      code: 'media.boot-image',
      message: `The task sequence starts from the boot image ${bootImage} of Windows PE, and media are made of Linux PE`,
    });
  for (const { packageId, name, sealed } of manifests)
    if (sealed !== undefined)
      refusals.push({
        code: 'media.secret-package',
        message: `The package "${name}" (${packageId}) is secret: its key is given by a server alone`,
      });
  const missing = listMissingContent(sequence, steps, (id) => {
    const one = content[id];
    if (one === undefined) return '';
    return one.kind === 'found' ? undefined : one.reason;
  });
  for (const { found, error } of missing) {
    const rule = missingContentRule(found.tolerated, { purpose: 'stand-alone-media' });
    const told = { code: error.code, message: error.message };
    (rule === 'media-refused' ? refusals : warnings).push(told);
  }
  for (const { name, type } of enabledSteps(sequence.steps)) {
    if (needsNetwork.has(type))
      warnings.push({
        code: 'media.needs-network',
        message: `"${name}" (${type}) needs the network: it fails where there is none`,
      });
    if (type === 'setup-windows')
      warnings.push({
        code: 'windows.no-agent',
        message: `"${name}" puts the agent into a Windows, and stand-alone media have none for Windows: it fails`,
      });
  }
  for (const account of documentAccountNames(DocumentNode.parse(JSON.parse(documentJson))))
    warnings.push({
      code: 'account.unavailable',
      message: `A step works with the account ${account}, which the server keeps and media have not`,
    });
  if (hasSecrets)
    warnings.push({
      code: 'media.secret-document',
      message: 'The task sequence works with secrets or accounts: give the media a password',
    });
  return { refusals, warnings };
}

function* enabledSteps(
  nodes: readonly SequenceNode[],
): Generator<SequenceNode & { readonly kind: 'step' }> {
  for (const node of nodes) {
    if (node.disabled) continue;
    if (node.kind === 'step') yield node;
    else yield* enabledSteps(node.steps);
  }
}

async function manifestsOf(
  db: Kysely<Tables>,
  content: Readonly<Record<PackageId, PinnedContent>>,
): Promise<readonly ContentManifest[]> {
  const manifests: ContentManifest[] = [];
  for (const [, one] of typedEntries(content)) {
    if (one.kind !== 'found') continue;
    const kept = await keptManifest(db, one.packageId, one.version);
    if (kept !== undefined) manifests.push(ContentManifest.parse(JSON.parse(kept)));
  }
  return manifests;
}

function typedEntries(
  content: Readonly<Record<PackageId, PinnedContent>>,
): (readonly [PackageId, PinnedContent])[] {
  return Object.entries(content).map(([id, one]) => [PackageId.parse(id), one] as const);
}
