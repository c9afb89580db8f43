import type { MediaRecord } from './media-record.ts';

/** Why no run begins on a machine that was started from media; undefined where they are good. Pure. */
export function mediaRefusal(
  media: MediaRecord | null,
  { nowMs, isKnown }: { readonly nowMs: number; readonly isKnown: boolean },
): { readonly code: string; readonly reason: string } | undefined {
  if (media === null)
    return {
      code: 'media.not-found',
      reason: 'This site has no record of the media that the machine was started from',
    };
  const named = `The media "${media.label}" that the machine was started from`;
  if (media.blockedMs !== null) {
    const why = media.blockedReason === '' ? '' : `: ${media.blockedReason}`;
    return { code: 'media.blocked', reason: `${named} are blocked${why}` };
  }
  if (media.validFromMs !== null && nowMs < media.validFromMs)
    return {
      code: 'media.not-yet',
      reason: `${named} are good from ${told(media.validFromMs)} on`,
    };
  if (media.validUntilMs !== null && nowMs >= media.validUntilMs)
    return {
      code: 'media.expired',
      reason: `${named} were good until ${told(media.validUntilMs)}`,
    };
  if (!media.unknownComputers && !isKnown)
    return {
      code: 'media.unknown-computer',
      reason: `${named} are for machines that this site has a record of, and it has none of this one`,
    };
  return undefined;
}

function told(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
