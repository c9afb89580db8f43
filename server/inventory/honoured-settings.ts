import type { Environment } from '#agent/protocol/policy.ts';

/** Where a setting of a deployment is obeyed. `enforced`: only if the site enforces schedules in a PE. */
type Obeyed = 'yes' | 'no' | 'enforced';

interface HonouredSetting {
  /** As it is called in the documentation. */
  readonly title: string;
  readonly inPe: Obeyed;
  readonly inInstalledSystem: Exclude<Obeyed, 'enforced'>;
  readonly note: string;
}

/**
 * What a machine in a PE obeys of a deployment, and what one in an installed system does: the one table, which the
 * code asks and docs/deployments.md shows. A client that starts in Windows PE evaluates no schedules in
 * Configuration Manager (reference: deploy, section 4); a site may have them enforced.
 */
export const honouredSettings = {
  purpose: {
    title: 'purpose',
    inPe: 'yes',
    inInstalledSystem: 'yes',
    note: 'a required one starts by itself, an available one is chosen',
  },
  makeAvailableTo: {
    title: 'make available to',
    inPe: 'yes',
    inInstalledSystem: 'yes',
    note: '',
  },
  availableFrom: {
    title: 'available from',
    inPe: 'enforced',
    inInstalledSystem: 'yes',
    note: 'one that is available from tomorrow on is offered in a PE today',
  },
  expires: {
    title: 'expires',
    inPe: 'enforced',
    inInstalledSystem: 'yes',
    note: 'one that has expired is offered in a PE; withdraw it',
  },
  assignments: {
    title: 'assignment schedules',
    inPe: 'enforced',
    inInstalledSystem: 'yes',
    note: 'in a PE a required one starts at once',
  },
  deadline: {
    title: 'deadline',
    inPe: 'enforced',
    inInstalledSystem: 'yes',
    note: 'until when missing content is waited for; in a PE the wait limit says it',
  },
  contentWaitMinutes: {
    title: 'content wait limit',
    inPe: 'yes',
    inInstalledSystem: 'yes',
    note: 'in an installed system where there is no deadline, or it has passed',
  },
  rerun: {
    title: 'rerun behaviour',
    inPe: 'no',
    inInstalledSystem: 'yes',
    note: 'in a PE a required one runs once, until it is cleared, whatever came of it',
  },
  maintenanceWindows: {
    title: 'maintenance windows',
    inPe: 'yes',
    inInstalledSystem: 'yes',
    note: 'of required ones that start by themselves; Configuration Manager names them as the means to control machines in a PE',
  },
  runOutsideWindows: {
    title: 'run outside maintenance windows',
    inPe: 'yes',
    inInstalledSystem: 'yes',
    note: '',
  },
  restartOutsideWindows: {
    title: 'restart outside maintenance windows',
    inPe: 'no',
    inInstalledSystem: 'yes',
    note: 'a run that has started in a PE goes on, restarts too; kept without effect in this version',
  },
  countdownMinutes: {
    title: 'countdown',
    inPe: 'no',
    inInstalledSystem: 'yes',
    note: 'nobody is told before in a PE; it counts for windows in an installed system alone; kept without effect in this version',
  },
  maxRunMinutes: {
    title: 'maximum run time',
    inPe: 'yes',
    inInstalledSystem: 'yes',
    note: 'for maintenance windows; no run is stopped for it',
  },
  showProgress: {
    title: 'show progress',
    inPe: 'no',
    inInstalledSystem: 'yes',
    note: 'a PE always shows it; TSDisableProgressUI hides it; kept without effect in this version',
  },
  download: {
    title: 'download option, fallback',
    inPe: 'yes',
    inInstalledSystem: 'yes',
    note: 'but for `first`: a PE has no cache, content is fetched when needed there; Configuration Manager does not offer it for media and PXE',
  },
  priority: {
    title: 'priority',
    inPe: 'yes',
    inInstalledSystem: 'yes',
    note: 'of several required ones the highest starts, of equal ones that with the highest id',
  },
} as const satisfies Readonly<Record<string, HonouredSetting>>;

/** Whether a machine obeys a setting where it is. */
export function isHonoured(
  setting: keyof typeof honouredSettings,
  at: { readonly environment: Environment; readonly enforceSchedulesInPe: boolean },
): boolean {
  const { inPe, inInstalledSystem }: HonouredSetting = honouredSettings[setting];
  if (at.environment === 'full-os') return inInstalledSystem === 'yes';
  return inPe === 'yes' || (inPe === 'enforced' && at.enforceSchedulesInPe);
}

/** The table as Markdown. */
export function formatHonouredSettings(): string {
  const words = { yes: 'obeyed', no: 'not looked at', enforced: 'not looked at, unless enforced' };
  const rows = Object.values(honouredSettings).map(
    ({ title, inPe, inInstalledSystem, note }) =>
      `| ${title} | ${words[inPe]} | ${words[inInstalledSystem]} | ${note} |`,
  );
  return ['| setting | in a PE | in an installed system | |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}
