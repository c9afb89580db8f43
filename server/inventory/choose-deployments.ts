import type { CollectionId, DeploymentId } from '#agent/protocol/identity.ts';
import type { BootImageIdentity, Environment } from '#agent/protocol/policy.ts';
import type { Fit, FitMachine } from '#boot/fit.ts';
import { ALL_UNKNOWN_COMPUTERS } from './collection.ts';
import { type Deployment, refusedByScope } from './deployment.ts';
import type { Device } from './device.ts';
import type { RoomJudge } from './maintenance-window/judge.ts';
import { type Gate, gateOf } from './offer-gate.ts';
import type { Run } from './run.ts';
import { fitSequence, fitStarted, type SequenceImages } from './sequence-images.ts';
import type { SiteDeployments } from './site-deployments.ts';

/** A deployment with what the machine shows of its sequence. */
export interface OfferedDeployment {
  readonly deployment: Deployment;
  readonly sequenceName: string;
  readonly sequenceDescription: string;
  /** Its newest version says that it is disabled: it starts nowhere. */
  readonly sequenceDisabled: boolean;
  /** What it starts from and writes, for M43. */
  readonly images: SequenceImages;
  /** Runs granted in the last 60 minutes, for the cap of a scoped one. */
  readonly grantedLastHour: number;
}

const FITS: Fit = { kind: 'fits' };

/** What of a device decides which deployments it may start. */
export interface ChoiceFacts {
  readonly memberOf: ReadonlySet<CollectionId>;
  /** Deployments of the site that are not withdrawn. */
  readonly deployments: readonly OfferedDeployment[];
  /** Runs of this device, in any order. */
  readonly runs: readonly Run[];
}

/** A deployment that is aimed at the device but cannot start, and why. */
interface Refusal {
  readonly deployment: Deployment;
  readonly code: string;
  readonly reason: string;
  readonly retry: boolean;
}
/** A required deployment that starts by itself later, or not at all; a person may start it now. */
interface Waiting {
  readonly offered: OfferedDeployment;
  readonly code: string;
  readonly reason: string;
}
export interface Choice {
  readonly required: readonly OfferedDeployment[];
  readonly waiting: readonly Waiting[];
  readonly available: readonly OfferedDeployment[];
  readonly refused: readonly Refusal[];
  /** The preferred one, where it may start by itself now; a hidden one is nowhere else. */
  readonly preferred: OfferedDeployment | null;
}

/** What of a site's state decides beside the device. */
export interface ChoiceFrame {
  readonly nowMs: number;
  readonly environment: Environment;
  readonly site: SiteDeployments;
  readonly room: RoomJudge;
  readonly preferred: DeploymentId | null;
}

/**
 * Which deployments a device may start now. In a PE a required one never again once it ran, until it is
 * cleared; an available one always.
 *
 * @param at the agent's address, or null where it is not known yet (PXE): the place is then not asked.
 */
export function chooseDeployments(
  facts: ChoiceFacts,
  at: ChoiceFrame & {
    readonly remoteAddress: string | null;
    readonly device: Pick<Device, 'name' | 'seenAt'>;
    /** What the machine has said of itself; null while it has not. */
    readonly machine: FitMachine | null;
    /** The Windows PE that it was started from; null where it was not started yet, or did not say. */
    readonly bootImage?: BootImageIdentity | null;
  },
): Choice {
  const required: OfferedDeployment[] = [];
  const waiting: Waiting[] = [];
  const available: OfferedDeployment[] = [];
  const refused: Refusal[] = [];
  let preferred: OfferedDeployment | null = null;
  for (const offered of facts.deployments) {
    const { deployment, grantedLastHour } = offered;
    if (!facts.memberOf.has(deployment.collectionId)) continue;
    const isPreferred = deployment.id === at.preferred;
    const isHidden = deployment.settings.makeAvailableTo === 'media-pxe-hidden';
    if (isHidden && !isPreferred) continue;
    const ran = facts.runs.filter(
      (run) => run.deploymentId === deployment.id && run.clearedMs === null,
    );
    const gate: Gate = gateOf(
      offered,
      { memberOf: facts.memberOf, ran },
      { ...at, clearCommand: clearCommand(at.device.name) },
    );
    if (gate.kind === 'refused') {
      refused.push({ deployment, ...gate });
      continue;
    }
    if (offered.sequenceDisabled) {
      refused.push({
        deployment,
        code: 'sequence.disabled',
        reason: `The task sequence "${offered.sequenceName}" is disabled`,
        retry: false,
      });
      continue;
    }
    const { bootImage = null, machine } = at;
    const onMachine = machine === null ? FITS : fitSequence(machine, offered.images);
    const verdict =
      onMachine.kind === 'refused' ? onMachine : fitStarted(bootImage, offered.images);
    if (verdict.kind === 'refused') {
      const { code, reason } = verdict;
      const why = `"${offered.sequenceName}" cannot run here: ${reason}`;
      refused.push({ deployment, code, reason: why, retry: false });
      continue;
    }
    const scope = deployment.collectionId === ALL_UNKNOWN_COMPUTERS ? deployment.scope : null;
    const refusal =
      scope === null
        ? undefined
        : refusedByScope(scope, {
            nowMs: at.nowMs,
            grantedLastHour,
            remoteAddress: at.remoteAddress,
            seenAt: at.device.seenAt,
          });
    if (refusal !== undefined) {
      refused.push({ deployment, ...refusal });
      continue;
    }
    // An available one that has succeeded is not begun again by itself: the machine would never leave it.
    if (isPreferred && gate.kind === 'open' && !ran.some(({ state }) => state === 'succeeded'))
      preferred = offered;
    if (isHidden) continue;
    if (gate.kind === 'waits') waiting.push({ offered, ...gate });
    else (deployment.purpose === 'required' ? required : available).push(offered);
  }
  required.sort(byPriority);
  return { required, waiting, available, refused, preferred };
}

const ranks = { high: 0, medium: 1, low: 2 } as const;

/** The highest priority first, of equal ones the highest id, as text. */
function byPriority({ deployment: a }: OfferedDeployment, { deployment: b }: OfferedDeployment) {
  const rank = ranks[a.settings.priority] - ranks[b.settings.priority];
  return rank !== 0 ? rank : a.id < b.id ? 1 : -1;
}

/** What an operator types to let what has run on a device run again. */
export function clearCommand(deviceName: string): string {
  return `"metalwright device clear '${deviceName}'"`;
}

/**
 * What starts without anybody at the machine. One that the machine is told to start wins over required ones; where
 * it cannot start, nothing does: something else may not be what was meant.
 */
export function startsByItself(
  { preferred, required }: Choice,
  told: DeploymentId | null,
): OfferedDeployment | undefined {
  return told === null ? required[0] : (preferred ?? undefined);
}
