import { access } from 'node:fs/promises';
import type { Finding } from './finding.ts';

/** Files that time services leave while they are in step with their source. */
const syncedMarks = [
  '/run/systemd/timesync/synchronized',
  '/run/chrony/chronyd.pid',
  '/run/ntpd.pid',
];
/** When this version was made: no clock is right that shows less. */
const OLDEST_MS = Date.UTC(2026, 0, 1);

/** Looks at the clock: machines take their time from this server. */
export async function checkClock(
  nowMs: number,
  marks: readonly string[] = syncedMarks,
): Promise<Finding> {
  const shown = new Date(nowMs).toISOString();
  if (nowMs < OLDEST_MS) {
    return {
      level: 'problem',
      code: 'doctor.clock',
      message: `the clock shows ${shown}, which is before this version was made`,
      hint: 'set it (timedatectl set-time, or a time service): every deployed machine takes its time from here',
    };
  }
  for (const mark of marks) {
    const found = await access(mark).then(
      () => true,
      () => false,
    );
    if (found)
      return {
        level: 'ok',
        code: 'doctor.clock',
        message: `the clock shows ${shown} and a time service keeps it`,
      };
  }
  return {
    level: 'warning',
    code: 'doctor.clock',
    message: `the clock shows ${shown}; no time service was found`,
    hint: 'if that is right, all is well; to keep it so: apt-get install systemd-timesyncd',
  };
}
