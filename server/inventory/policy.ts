import type { CollectionId } from '#agent/protocol/identity.ts';
import type { BootImageIdentity, Offer, Policy } from '#agent/protocol/policy.ts';
import { type Fit, type FitMachine, fit } from '#boot/fit.ts';
import { ALL_UNKNOWN_COMPUTERS } from './collection.ts';
import { type Deployment, refusedByScope } from './deployment.ts';
import type { Device } from './device.ts';
import { isOpen, type Run } from './run.ts';
import { fitSequence, fitStarted, type SequenceImages } from './sequence-images.ts';

/** How soon a machine that waits asks again. */
const POLL_MS = 5000;

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
export interface Choice {
  readonly required: readonly OfferedDeployment[];
  readonly available: readonly OfferedDeployment[];
  readonly refused: readonly Refusal[];
}

/**
 * Which deployments a device may start now. A required one never again once it ran, until it is
 * cleared; an available one always.
 *
 * @param at the agent's address, or null where it is not known yet (PXE): subnets are then not asked.
 */
export function chooseDeployments(
  facts: Pick<PolicyFacts, 'memberOf' | 'deployments' | 'runs'>,
  at: {
    readonly nowMs: number;
    readonly remoteAddress: string | null;
    readonly deviceName: string;
    /** What the machine has said of itself; null while it has not. */
    readonly machine: FitMachine | null;
    /** The Windows PE that it was started from; null where it was not started yet, or did not say. */
    readonly bootImage?: BootImageIdentity | null;
  },
): Choice {
  const required: OfferedDeployment[] = [];
  const available: OfferedDeployment[] = [];
  const refused: Refusal[] = [];
  for (const offered of facts.deployments) {
    const { deployment, grantedLastHour } = offered;
    if (!facts.memberOf.has(deployment.collectionId)) continue;
    const ran = facts.runs.find(
      (run) => run.deploymentId === deployment.id && run.clearedMs === null,
    );
    if (deployment.purpose === 'required' && ran !== undefined) {
      const how = ran.state === 'succeeded' ? 'has run here' : 'was tried here and failed';
      refused.push({
        deployment,
        code: 'deployment.ran',
        reason: `Required "${offered.sequenceName}" ${how} already; ${clearCommand(at.deviceName)} lets it run again`,
        retry: false,
      });
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
            remoteAddress: at.remoteAddress ?? firstAddress(scope.subnets),
          });
    if (refusal !== undefined) refused.push({ deployment, ...refusal });
    else (deployment.purpose === 'required' ? required : available).push(offered);
  }
  required.sort((a, b) => (a.deployment.id < b.deployment.id ? 1 : -1));
  return { required, available, refused };
}

/** What a machine is to do now, with the reason when it is nothing. */
export function decidePolicy(
  facts: PolicyFacts,
  at: {
    readonly nowMs: number;
    readonly remoteAddress: string;
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

  const { required, available, refused } = chooseDeployments(facts, {
    ...at,
    deviceName: device.name,
    machine: machineOf(device),
  });
  const offers = [...required, ...available].map(toOffer);
  if (offers.length > 0)
    return { kind: 'offers', start: required[0]?.deployment.id ?? null, offers };
  const later = refused.find((refusal) => refusal.retry);
  if (later !== undefined) return { ...wait(later.code, later.reason), pollAfterMs: 60_000 };
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

function toOffer({ deployment, sequenceName, sequenceDescription }: OfferedDeployment): Offer {
  return {
    deploymentId: deployment.id,
    sequenceId: deployment.sequenceId,
    name: sequenceName,
    description: sequenceDescription,
    purpose: deployment.purpose,
  };
}

function none(code: string, reason: string): Policy {
  return { kind: 'none', code, reason };
}

function wait(code: string, reason: string) {
  return { kind: 'wait', code, reason, pollAfterMs: POLL_MS } as const;
}

function firstAddress(subnets: readonly string[]): string {
  return subnets[0]?.split('/')[0] ?? '';
}
