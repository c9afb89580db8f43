import type { CollectionId, DeploymentId } from '#agent/protocol/identity.ts';
import type { BootImageIdentity, Environment, Offer, Policy } from '#agent/protocol/policy.ts';
import { type Fit, type FitMachine, fit } from '#boot/fit.ts';
import { ALL_UNKNOWN_COMPUTERS } from './collection.ts';
import { type Deployment, refusedByScope } from './deployment.ts';
import type { Device } from './device.ts';
import { judgeRoom, type RoomJudge } from './maintenance-window/judge.ts';
import type { MaintenanceWindow } from './maintenance-window/window.ts';
import { type Gate, gateOf } from './offer-gate.ts';
import { isOpen, type Run } from './run.ts';
import { fitSequence, fitStarted, type SequenceImages } from './sequence-images.ts';
import type { SiteDeployments } from './site-deployments.ts';

/** How soon a machine that waits asks again. */
const POLL_MS = 5000;
/** The same where only time helps. */
const SLOW_POLL_MS = 60_000;

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

/** All that decides what one machine is to do. */
export interface PolicyFacts {
  readonly device: Device | null;
  readonly memberOf: ReadonlySet<CollectionId>;
  /** Deployments of the site that are not withdrawn. */
  readonly deployments: readonly OfferedDeployment[];
  /** Runs of this device, in any order. */
  readonly runs: readonly Run[];
  /** What holds for all deployments. */
  readonly site: SiteDeployments;
  /** Maintenance windows of the site. */
  readonly windows: readonly MaintenanceWindow[];
  /** `SMSTSPreferredAdvertID`: what the machine is told to start; null: nothing. */
  readonly preferred: DeploymentId | null;
  /** Whether the key that asks may speak for the device's open run. */
  readonly mayResume: boolean;
  /** Whether the open run was granted secret values: then only an operator hands it to another key. */
  readonly holdsSecrets: boolean;
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
  facts: Pick<PolicyFacts, 'memberOf' | 'deployments' | 'runs'>,
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

/** What a machine is to do now, with the reason when it is nothing. */
export function decidePolicy(
  facts: PolicyFacts,
  at: {
    readonly nowMs: number;
    readonly remoteAddress: string;
    readonly environment: Environment;
    /** The Windows PE that the agent was started from; null where it did not say. */
    readonly bootImage: BootImageIdentity | null;
  },
): Policy {
  const { device } = facts;
  if (device === null)
    return none('device.unknown-ignored', 'This site ignores machines it has no record of');
  if (device.state === 'ignored')
    return none('device.ignored', 'An operator has refused this machine');
  const started = startedVerdict(device, at.bootImage);
  if (started.kind === 'refused') return none(started.code, started.reason);
  const open = facts.runs.find(isOpen);
  if (open !== undefined)
    return facts.mayResume
      ? { kind: 'resume', runId: open.id }
      : wait(
          'run.takeover',
          `A run of "${open.sequenceName}" is open on this machine, and ${
            facts.holdsSecrets
              ? 'what it was granted holds secrets, which are not given again to a machine that cannot prove itself'
              : 'nothing here proves that it is the same machine'
          }: an operator must approve it ("metalwright device approve '${device.name}'")`,
        );
  if (device.state === 'waiting')
    return wait('device.waiting', 'Unknown machine: waits for an operator to approve it');

  const choice = chooseDeployments(facts, {
    ...at,
    device,
    machine: machineOf(device),
    site: facts.site,
    room: judgeRoom(facts.windows, {
      nowMs: at.nowMs,
      siteZone: facts.site.timeZone,
      generalBesideSpecific: facts.site.generalWindowsBesideSpecific,
    }),
    preferred: facts.preferred,
  });
  const { refused } = choice;
  const later = refused.find((refusal) => refusal.retry);
  const offers = offersOf(choice);
  const start = startsByItself(choice, facts.preferred)?.deployment.id ?? null;
  if (offers.length > 0) {
    const changesByItself = choice.waiting.length > 0 || later !== undefined;
    const again = start === null && changesByItself ? { pollAfterMs: SLOW_POLL_MS } : {};
    return { kind: 'offers', start, offers, ...again };
  }
  if (later !== undefined) return { ...wait(later.code, later.reason), pollAfterMs: SLOW_POLL_MS };
  if (
    facts.preferred !== null &&
    !refused.some(({ deployment }) => deployment.id === facts.preferred)
  )
    return none(
      'deployment.preferred',
      `This machine is told to start the deployment ${facts.preferred} (SMSTSPreferredAdvertID), which is not aimed at it`,
    );
  const last = refused.at(-1);
  return last === undefined
    ? none('policy.nothing-deployed', 'Nothing is deployed to a collection of this machine')
    : none(last.code, last.reason);
}

/** What a record says of the machine that fits are decided by; null while it has never said it. */
export function machineOf({
  architecture,
  firmware,
}: Pick<Device, 'architecture' | 'firmware'>): FitMachine | null {
  return architecture === null || firmware === null ? null : { architecture, firmware };
}

/** Whether the boot image that the agent was started from is one for this machine (M43). */
function startedVerdict(device: Device, bootImage: BootImageIdentity | null): Fit {
  const machine = machineOf(device);
  if (machine === null || bootImage === null) return FITS;
  const { name, architecture } = bootImage;
  return fit(machine, {
    kind: 'boot-image',
    name: `The boot image ${JSON.stringify(name)}, which it was started from,`,
    architecture,
  });
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

/** What is listed at the machine, and the preferred one, listed or not. */
function offersOf({ preferred, required, waiting, available }: Choice): Offer[] {
  const listed = [...required, ...waiting.map(({ offered }) => offered), ...available];
  const hidden = preferred === null || listed.includes(preferred) ? [] : [preferred];
  const reasons = new Map(waiting.map(({ offered, reason }) => [offered, reason]));
  return [...hidden, ...listed].map((offered) => toOffer(offered, reasons.get(offered)));
}

function toOffer(
  { deployment, sequenceName, sequenceDescription }: OfferedDeployment,
  note: string | undefined,
): Offer {
  return {
    deploymentId: deployment.id,
    sequenceId: deployment.sequenceId,
    name: sequenceName,
    description: [sequenceDescription, note].filter(Boolean).join('. '),
    purpose: deployment.purpose,
  };
}

function none(code: string, reason: string): Policy {
  return { kind: 'none', code, reason };
}

function wait(code: string, reason: string) {
  return { kind: 'wait', code, reason, pollAfterMs: POLL_MS } as const;
}
