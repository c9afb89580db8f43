import type { Environment } from '#agent/protocol/policy.ts';
import type { DeploymentSettings } from './deployment-settings.ts';
import { isHonoured } from './honoured-settings.ts';
import { scheduledMs } from './schedule/scheduled-time.ts';
import type { SiteDeployments } from './site-deployments.ts';

/**
 * Until when a required run waits for content that is missing before its first step (M30): until its deadline
 * where that is obeyed and is to come, else for its wait limit, or the site's.
 */
export function contentWaitUntil(
  { deadline, contentWaitMinutes }: Pick<DeploymentSettings, 'deadline' | 'contentWaitMinutes'>,
  at: {
    readonly nowMs: number;
    readonly environment: Environment;
    readonly site: SiteDeployments;
  },
): number {
  const { nowMs, environment, site } = at;
  const obeyed = isHonoured('deadline', { ...site, environment });
  const deadlineMs = deadline !== null && obeyed ? scheduledMs(deadline, site.timeZone) : 0;
  const limitMs = nowMs + (contentWaitMinutes ?? site.contentWaitMinutes) * 60_000;
  // No PE may wait longer than it lives, whatever a deadline says.
  if (environment !== 'full-os' && deadlineMs > limitMs) return limitMs;
  return deadlineMs > nowMs ? deadlineMs : limitMs;
}
