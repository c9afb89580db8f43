import type { KeyObject } from 'node:crypto';
import type { MediaRecord } from './media-record.ts';

/** The record of media that are ready, for tests. */
export function testMediaRecord(
  { id, publicKey }: { readonly id: string; readonly publicKey: KeyObject },
  change: Partial<MediaRecord> = {},
): MediaRecord {
  return {
    id,
    kind: 'bootable',
    label: 'Bench',
    form: 'iso',
    state: 'ready',
    server: 'here',
    madeBy: 'eve',
    createdMs: 0,
    finishedMs: 1,
    sizeBytes: 1,
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    validFromMs: null,
    validUntilMs: null,
    unknownComputers: false,
    password: true,
    facts: { variables: [], hasPrestart: false, warnings: [] },
    error: null,
    blockedMs: null,
    blockedReason: '',
    ...change,
  };
}
