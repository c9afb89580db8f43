import { z } from 'zod';
import { ContentFallback, DownloadOption } from '#agent/protocol/policy.ts';
import { MaxRunMinutes } from '#agent/sequence/document-heads.ts';
import { InventoryError } from './error.ts';
import { Recurrence } from './schedule/recurrence.ts';
import { ScheduledTime, scheduledMs } from './schedule/scheduled-time.ts';
import { ContentWaitMinutes } from './site-deployments.ts';

/**
 * *Make available to* of Configuration Manager. `clients`: installed systems that run its service; `media-pxe`:
 * machines that are started from the network or from media; `media-pxe-hidden`: the same, listed nowhere, and
 * started by `SMSTSPreferredAdvertID` alone.
 */
export const MadeAvailableTo = z.enum([
  'clients',
  'clients-media-pxe',
  'media-pxe',
  'media-pxe-hidden',
]);
export type MadeAvailableTo = z.infer<typeof MadeAvailableTo>;

/** When a required deployment that ran here runs again, in an installed system. */
export const Rerun = z.enum(['never', 'always', 'if-failed', 'if-succeeded']);
export type Rerun = z.infer<typeof Rerun>;

/** When a required deployment starts by itself. */
export const Assignment = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('as-soon-as-possible') }),
  z.strictObject({ kind: z.literal('at'), time: ScheduledTime }),
  z.strictObject({
    kind: z.literal('recurring'),
    /** The first time; the recurrence is counted from its day. */
    start: ScheduledTime,
    recurrence: Recurrence,
  }),
]);
export type Assignment = z.infer<typeof Assignment>;

/** Each setting without what it is where nobody said anything. */
const fields = {
  makeAvailableTo: MadeAvailableTo,
  availableFrom: ScheduledTime.nullable(),
  expires: ScheduledTime.nullable(),
  /** Of a required one; none is as soon as possible. */
  assignments: z.array(Assignment).max(20),
  /** Until when a required one waits for missing content in an installed system. */
  deadline: ScheduledTime.nullable(),
  rerun: Rerun,
  runOutsideWindows: z.boolean(),
  restartOutsideWindows: z.boolean(),
  showProgress: z.boolean(),
  download: DownloadOption,
  fallback: ContentFallback,
  /** Maximum allowed run time; 0 is none: it counts as 12 hours where it is watched. Null: that of the task sequence. */
  maxRunMinutes: MaxRunMinutes.nullable(),
  /** Minutes that a person is told before it starts by itself; they have to fit into a maintenance window, too. */
  countdownMinutes: z.int().min(0).max(1440),
  /** Null: what the site says. */
  contentWaitMinutes: ContentWaitMinutes.nullable(),
  /** Which of several required ones starts first. */
  priority: z.enum(['low', 'medium', 'high']),
  comment: z.string().max(1000),
};

/** All of a deployment that may be changed after it was made. */
export const DeploymentSettings = z.strictObject({
  makeAvailableTo: fields.makeAvailableTo.default('clients-media-pxe'),
  availableFrom: fields.availableFrom.default(null),
  expires: fields.expires.default(null),
  assignments: fields.assignments.default([]),
  deadline: fields.deadline.default(null),
  rerun: fields.rerun.default('always'),
  runOutsideWindows: fields.runOutsideWindows.default(false),
  restartOutsideWindows: fields.restartOutsideWindows.default(false),
  showProgress: fields.showProgress.default(true),
  download: fields.download.default('when-needed'),
  fallback: fields.fallback.prefault({ neighbors: false, siteDefault: false }),
  maxRunMinutes: fields.maxRunMinutes.default(null),
  countdownMinutes: fields.countdownMinutes.default(0),
  contentWaitMinutes: fields.contentWaitMinutes.default(null),
  priority: fields.priority.default('medium'),
  comment: fields.comment.default(''),
});
export type DeploymentSettings = z.infer<typeof DeploymentSettings>;

/** Some of the settings: what is left out stays. */
export const DeploymentSettingsChange = z.strictObject(fields).partial();
export type DeploymentSettingsChange = z.infer<typeof DeploymentSettingsChange>;

/** Settings as they are where nobody said anything. */
export const DEFAULT_DEPLOYMENT_SETTINGS: DeploymentSettings = DeploymentSettings.parse({});

/**
 * What no single setting shows to be wrong.
 *
 * @param startsInPe whether its sequence has what a start in a PE needs
 * @throws {InventoryError} `deployment.settings`, `deployment.only-clients`
 */
export function checkDeploymentSettings(
  settings: DeploymentSettings,
  {
    purpose,
    siteZone,
    startsInPe,
  }: {
    readonly purpose: 'available' | 'required';
    readonly siteZone: string;
    readonly startsInPe: boolean;
  },
): void {
  const { availableFrom, expires, deadline, assignments } = settings;
  const at = (text: string) => scheduledMs(text, siteZone);
  if (!startsInPe && settings.makeAvailableTo !== 'clients')
    throw new InventoryError(
      'deployment.only-clients',
      'This task sequence cannot start in a PE: it upgrades the Windows that it runs in',
      { hint: 'Make it available to "clients" only.' },
    );
  if (availableFrom !== null && expires !== null && at(expires) <= at(availableFrom))
    throw wrong(`It expires (${expires}) before it is available (${availableFrom})`);
  if (availableFrom !== null && deadline !== null && at(deadline) <= at(availableFrom))
    throw wrong(`Its deadline (${deadline}) is before it is available (${availableFrom})`);
  if (purpose === 'available' && (assignments.length > 0 || deadline !== null))
    throw wrong('An available deployment has no assignment schedule and no deadline');
  if (assignments.some((one) => one.kind === 'recurring' && one.recurrence.kind === 'none'))
    throw wrong('A recurring schedule has a recurrence');
}

/** Whether machines in a PE are meant. */
export function isForPe({ makeAvailableTo }: Pick<DeploymentSettings, 'makeAvailableTo'>): boolean {
  return makeAvailableTo !== 'clients';
}

/** Whether installed systems are meant. */
export function isForClients({
  makeAvailableTo,
}: Pick<DeploymentSettings, 'makeAvailableTo'>): boolean {
  return makeAvailableTo === 'clients' || makeAvailableTo === 'clients-media-pxe';
}

function wrong(message: string): InventoryError {
  return new InventoryError('deployment.settings', message);
}
