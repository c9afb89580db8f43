import { z } from 'zod';
import { siteAccountNames } from '#agent/protocol/step-secrets.ts';
import { mentioned } from '#agent/sequence/withheld-reads.ts';
import { InventoryError } from './error.ts';

/**
 * What an account of the site is for. `network-access` reads content from Windows PE, which is in no domain,
 * and never runs anything.
 */
export const SiteAccountKind = z.enum([
  'network-access',
  'network-folder',
  'domain-join',
  'run-as',
  'capture',
]);
export type SiteAccountKind = z.infer<typeof SiteAccountKind>;

/** Most network access accounts of a site, as in Configuration Manager. */
export const MOST_NETWORK_ACCESS = 10;

/** How sure a machine must be for a deployment's secrets. */
export const ReleaseLevel = z.enum(['claimed', 'approved', 'media-proved']);
export type ReleaseLevel = z.infer<typeof ReleaseLevel>;

/** A node of a pinned document, as far as it is looked at here. */
export const DocumentNode = z.object({
  type: z.string().optional(),
  disabled: z.unknown().optional(),
  condition: z.unknown().optional(),
  params: z.unknown().optional(),
  get steps() {
    return z.array(DocumentNode).optional();
  },
});
export type DocumentNode = z.infer<typeof DocumentNode>;

/** The step with this id, which is its path in the document: `2/0`. */
export function stepAt(document: DocumentNode, id: string): DocumentNode | undefined {
  let node: DocumentNode | undefined = document;
  for (const place of id.split('/')) node = node?.steps?.[Number(place)];
  return node;
}

/** The accounts of the site that the steps of a document name. */
export function documentAccountNames(document: DocumentNode): readonly string[] {
  if (document.disabled === true) return [];
  const own = siteAccountNames(document.params);
  return [...own, ...(document.steps ?? []).flatMap(documentAccountNames)];
}

/** Which of these variables, in lower case, the settings and conditions of a document's steps name. */
export function namedBySteps(
  document: DocumentNode,
  names: readonly string[],
): ReadonlySet<string> {
  if (names.length === 0) return new Set();
  const parts: unknown[] = [];
  const look = ({ disabled, params, condition, steps = [] }: DocumentNode): void => {
    if (disabled === true) return;
    parts.push(params, condition);
    steps.forEach(look);
  };
  look(document);
  return mentioned(parts, names);
}

/** What a run may be given at one of its steps. */
export interface ReleaseFacts {
  /** Undefined: the pinned document has no such step. */
  readonly step: DocumentNode | undefined;
  /** Whether its newest event is that it started. */
  readonly isRunning: boolean;
}

/**
 * Refuses accounts to a step that does not name them, has not started, or has finished.
 *
 * @throws {InventoryError} `secret.step`, `secret.account`
 */
export function checkStepRelease(
  { step, isRunning }: ReleaseFacts,
  wish: { readonly step: string; readonly accounts: readonly string[] },
): void {
  if (step === undefined || !isRunning)
    throw new InventoryError('secret.step', `Step ${wish.step} is not running`, {
      hint: 'Secrets are given while a step runs: not before it has started, and never after it has finished.',
    });
  const named = new Set(siteAccountNames(step.params).map((name) => name.toLowerCase()));
  for (const name of wish.accounts)
    if (!named.has(name.toLowerCase()))
      throw new InventoryError('secret.account', `Step ${wish.step} does not name ${name}`, {
        hint: 'Write account:<name> as the user name of the step itself, not into a variable: the server gives a step what its document names.',
      });
}

/**
 * Refuses variables to a condition that does not name them, or that has been answered.
 *
 * @throws {InventoryError} `secret.step`, `secret.variable`
 */
export function checkConditionRelease(
  {
    node,
    isOpen,
  }: {
    /** Undefined: the pinned document has no such step or group. */
    readonly node: DocumentNode | undefined;
    /** Whether nothing is known of the step yet. */
    readonly isOpen: boolean;
  },
  wish: { readonly step: string; readonly variables: readonly string[] },
): void {
  if (node === undefined || !isOpen)
    throw new InventoryError('secret.step', `The condition of step ${wish.step} is not open`, {
      hint: 'Secrets are given to a condition until it has been answered.',
    });
  const names = wish.variables.map((name) => name.trim().toLowerCase());
  const named = mentioned(node.condition, names);
  const other = names.find((name) => !named.has(name));
  if (other !== undefined)
    throw new InventoryError(
      'secret.variable',
      `The condition of step ${wish.step} does not name ${other}`,
      { hint: 'The server gives a condition the secret variables that the document names in it.' },
    );
}

/**
 * Refuses an account for what it is not for: one that reads content runs nothing and joins nothing.
 *
 * @throws {InventoryError} `account.network-access`
 */
export function checkUse(
  account: { readonly name: string; readonly kind: SiteAccountKind },
  stepType: string | undefined,
): void {
  if (account.kind !== 'network-access' || stepType === 'connect-network-folder') return;
  throw new InventoryError(
    'account.network-access',
    `The network access account ${account.name} reads content, and nothing else`,
    { hint: 'Make an account of its own for this: metalwright account add --kind run-as' },
  );
}

/**
 * Refuses secrets to a machine that is not as sure as its deployment asks.
 *
 * @throws {InventoryError} `secret.trust`
 */
export function checkTrust(
  wanted: ReleaseLevel,
  device: {
    readonly name: string;
    readonly state: string;
    /** Whether it was started from media that proved who made them. */
    readonly mediaProved: boolean;
  },
): void {
  const isApproved = device.state === 'approved' || device.state === 'known';
  if (wanted === 'claimed' || (wanted === 'approved' && isApproved)) return;
  if (wanted === 'media-proved' && isApproved && device.mediaProved) return;
  throw new InventoryError(
    'secret.trust',
    wanted === 'approved'
      ? `${device.name} was approved by nobody, and this deployment gives secrets to approved machines`
      : `${device.name} was not started from media that prove who made them`,
    {
      hint:
        wanted === 'approved'
          ? 'Approve the machine, or deploy with --release-secrets-at claimed where who plugs in is trusted.'
          : 'Start it from such media, or deploy with another --release-secrets-at.',
    },
  );
}
