/** What of an object is asked for (RFC 9110, section 14): all, one range, or one that lies outside. */
export type RangeRequest =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'outside' };

/**
 * Reads a `Range` header. `end` is the last byte, inclusive. Several ranges, other units and what cannot
 * be read are answered with the whole (14.2: a server may ignore the header).
 */
export function parseRange(header: string | undefined, sizeBytes: number): RangeRequest {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replaceAll(' ', '') ?? '');
  if (match === null) return { kind: 'whole' };
  const [, from = '', to = ''] = match;
  if (from === '' && to === '') return { kind: 'whole' };
  if (from === '') {
    const length = Math.min(Number(to), sizeBytes);
    return length === 0
      ? { kind: 'outside' }
      : { kind: 'part', start: sizeBytes - length, end: sizeBytes - 1 };
  }
  const start = Number(from);
  if (to !== '' && Number(to) < start) return { kind: 'whole' };
  if (start >= sizeBytes) return { kind: 'outside' };
  return {
    kind: 'part',
    start,
    end: to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1),
  };
}
