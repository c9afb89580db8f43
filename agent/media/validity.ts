import type { MediaDescription } from '#media/description.ts';
import { MediaError } from '#media/media-error.ts';

const CLOCK_HINT =
  'Set the clock in the firmware of the machine, in UTC. Without a server nobody else knows the time.';

/**
 * Whether stand-alone media are good now. Others are good when their server says so, whose clock is right.
 * @throws {MediaError} `media.clock`, `media.not-yet`, `media.expired`
 */
export function checkValidity(
  { kind, label, madeMs, validFromMs, validUntilMs }: MediaDescription,
  nowMs: number,
): void {
  if (kind !== 'stand-alone' || (validFromMs === null && validUntilMs === null)) return;
  const clock = `The clock of this machine says ${told(nowMs)}`;
  if (nowMs < madeMs)
    throw new MediaError(
      'media.clock',
      `${clock}, and the media "${label}" were made later, ${told(madeMs)}: it cannot be told whether they are good still`,
      { hint: CLOCK_HINT },
    );
  if (validFromMs !== null && nowMs < validFromMs)
    throw new MediaError(
      'media.not-yet',
      `The media "${label}" are good from ${told(validFromMs)} on. ${clock}`,
      { hint: CLOCK_HINT },
    );
  if (validUntilMs !== null && nowMs >= validUntilMs)
    throw new MediaError(
      'media.expired',
      `The media "${label}" were good until ${told(validUntilMs)}. ${clock}`,
      { hint: `Make them again. ${CLOCK_HINT}` },
    );
}

function told(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
