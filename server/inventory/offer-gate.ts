import type { CollectionId } from '#agent/protocol/identity.ts';
import type { Environment } from '#agent/protocol/policy.ts';
import { lastAssignment, nextAssignment, rerunVerdict } from './assignment.ts';
import type { Deployment } from './deployment.ts';
import { isForClients, isForPe } from './deployment-settings.ts';
import { isHonoured } from './honoured-settings.ts';
import type { RoomJudge } from './maintenance-window/judge.ts';
import type { Run } from './run.ts';
import { scheduledMs } from './schedule/scheduled-time.ts';
import type { SequenceImages } from './sequence-images.ts';
import type { SiteDeployments } from './site-deployments.ts';

/** What its settings say of a deployment on one device at one moment. */
export type Gate =
  /** A required one starts by itself, an available one may be chosen. */
  | { readonly kind: 'open' }
  /** A person may start it; by itself it starts later, or not at all. */
  | { readonly kind: 'waits'; readonly code: string; readonly reason: string }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly reason: string;
      readonly retry: boolean;
    };

/** Where and when it is asked. */
export interface GateFrame {
  readonly nowMs: number;
  readonly environment: Environment;
  readonly site: SiteDeployments;
  readonly room: RoomJudge;
  /** What is typed to let it run again. */
  readonly clearCommand: string;
}

/**
 * Holds a deployment against its settings, as far as they are obeyed where the machine is
 * (honoured-settings.ts). @param ran runs of it on the device that were not cleared
 */
export function gateOf(
  offered: Named,
  device: {
    readonly memberOf: ReadonlySet<CollectionId>;
    readonly ran: readonly Pick<Run, 'state' | 'startedMs'>[];
  },
  frame: GateFrame,
): Gate {
  const { deployment, sequenceName } = offered;
  const { settings, purpose } = deployment;
  const inPe = frame.environment !== 'full-os';
  if (!(inPe ? isForPe(settings) : isForClients(settings)))
    return refused(
      'deployment.elsewhere',
      `"${sequenceName}" is made available ${inPe ? 'to installed systems' : 'to machines that are started from the network or from media'} only`,
    );
  const early = outsideItsTime(deployment, sequenceName, frame);
  if (early !== undefined) return early;
  if (purpose === 'available') return { kind: 'open' };
  const again = inPe || !isHonoured('rerun', { ...frame.site, ...frame }) ? onceInPe : byItsRerun;
  return (
    again(offered, device.ran, frame) ??
    assigned(deployment, sequenceName, frame) ??
    withRoom(offered, device.memberOf, frame)
  );
}

interface Named {
  readonly deployment: Deployment;
  readonly sequenceName: string;
  readonly images: Pick<SequenceImages, 'maxRunMinutes'>;
}

function outsideItsTime(
  { settings }: Deployment,
  sequenceName: string,
  { site, environment, nowMs }: GateFrame,
): Gate | undefined {
  const obeyed = (setting: 'availableFrom' | 'expires') =>
    isHonoured(setting, { ...site, environment });
  const { availableFrom, expires } = settings;
  if (availableFrom !== null && obeyed('availableFrom')) {
    const fromMs = scheduledMs(availableFrom, site.timeZone);
    if (nowMs < fromMs)
      return {
        ...refused('deployment.not-yet', `"${sequenceName}" is available from ${told(fromMs)} on`),
        retry: true,
      };
  }
  if (expires !== null && obeyed('expires') && nowMs >= scheduledMs(expires, site.timeZone))
    return refused('deployment.expired', `"${sequenceName}" has expired (${expires})`);
  return undefined;
}

/** In a PE a required one runs once, whatever came of it. */
function onceInPe(
  { sequenceName }: Named,
  ran: readonly Pick<Run, 'state'>[],
  { clearCommand }: GateFrame,
): Gate | undefined {
  const [one] = ran;
  if (one === undefined) return undefined;
  const how = one.state === 'succeeded' ? 'has run here' : 'was tried here and failed';
  return refused(
    'deployment.ran',
    `Required "${sequenceName}" ${how} already; ${clearCommand} lets it run again`,
  );
}

function byItsRerun(
  { deployment, sequenceName }: Named,
  ran: readonly Pick<Run, 'state' | 'startedMs'>[],
  frame: GateFrame,
): Gate | undefined {
  const { settings } = deployment;
  const assignedMs = lastAssignment(settings.assignments, timesOf(deployment, frame));
  if (assignedMs === undefined) return undefined;
  switch (rerunVerdict(settings.rerun, ran, assignedMs)) {
    case 'runs':
      return undefined;
    case 'ran-since':
      return refused(
        'deployment.ran',
        `Required "${sequenceName}" has run here since it was last due (${told(assignedMs)})`,
      );
    case 'not-again':
      return refused(
        'deployment.ran',
        `Required "${sequenceName}" ran here before, and its rerun behaviour is "${settings.rerun}"`,
      );
  }
}

/** Before its time it is only there to be chosen. */
function assigned(
  deployment: Deployment,
  sequenceName: string,
  frame: GateFrame,
): Gate | undefined {
  const { site, environment } = frame;
  if (!isHonoured('assignments', { ...site, environment })) return undefined;
  const { assignments } = deployment.settings;
  const times = timesOf(deployment, frame);
  if (lastAssignment(assignments, times) !== undefined) return undefined;
  const nextMs = nextAssignment(assignments, times);
  const when = nextMs === undefined ? 'never starts by itself' : `starts by itself ${told(nextMs)}`;
  return { kind: 'waits', code: 'deployment.not-due', reason: `"${sequenceName}" ${when}` };
}

function withRoom(
  { deployment, sequenceName, images }: Named,
  memberOf: ReadonlySet<CollectionId>,
  { room, environment, site }: GateFrame,
): Gate {
  const { runOutsideWindows, countdownMinutes } = deployment.settings;
  const maxRunMinutes = deployment.settings.maxRunMinutes ?? images.maxRunMinutes;
  if (runOutsideWindows) return { kind: 'open' };
  const countdown = isHonoured('countdownMinutes', { ...site, environment }) ? countdownMinutes : 0;
  const minutes = maxRunMinutes === 0 ? 0 : maxRunMinutes + countdown;
  const verdict = room(memberOf, minutes * 60_000);
  switch (verdict.kind) {
    case 'free':
    case 'open':
      return { kind: 'open' };
    case 'waits':
      return {
        kind: 'waits',
        code: 'window.waits',
        reason: `"${sequenceName}" waits for a maintenance window with room for ${minutes} minutes: ${told(verdict.next.startMs)}`,
      };
    case 'never':
      return {
        kind: 'waits',
        code: 'window.never',
        reason:
          verdict.longestMs === 0
            ? `"${sequenceName}" never starts by itself: no maintenance window of this machine opens again`
            : `"${sequenceName}" never starts by itself: it needs ${minutes} minutes, and the longest opening of this machine's maintenance windows has ${Math.floor(verdict.longestMs / 60_000)}`,
      };
  }
}

function timesOf(
  { createdMs, settings: { availableFrom } }: Deployment,
  { nowMs, site }: Pick<GateFrame, 'nowMs' | 'site'>,
) {
  const fromMs = availableFrom === null ? 0 : scheduledMs(availableFrom, site.timeZone);
  return { sinceMs: Math.max(createdMs, fromMs), nowMs, siteZone: site.timeZone };
}

/** A moment as it is told at a machine, where the zone of its reader is not known. */
function told(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function refused(code: string, reason: string): Extract<Gate, { kind: 'refused' }> {
  return { kind: 'refused', code, reason, retry: false };
}
