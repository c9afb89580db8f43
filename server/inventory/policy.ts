import type { DeploymentId } from '#agent/protocol/identity.ts';
import type { BootImageIdentity, Environment, Offer, Policy } from '#agent/protocol/policy.ts';
import { type Fit, type FitMachine, fit } from '#boot/fit.ts';
import {
  type Choice,
  type ChoiceFacts,
  chooseDeployments,
  type OfferedDeployment,
  startsByItself,
} from './choose-deployments.ts';
import type { Device } from './device.ts';
import { judgeRoom } from './maintenance-window/judge.ts';
import type { MaintenanceWindow } from './maintenance-window/window.ts';
import { isOpen } from './run.ts';
import type { SiteDeployments } from './site-deployments.ts';

/** How soon a machine that waits asks again. */
const POLL_MS = 5000;
/** The same where only time helps. */
const SLOW_POLL_MS = 60_000;

const FITS: Fit = { kind: 'fits' };

/** All that decides what one machine is to do. */
export interface PolicyFacts extends ChoiceFacts {
  readonly device: Device | null;
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
