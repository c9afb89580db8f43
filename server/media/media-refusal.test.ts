import { describe, expect, it } from 'vitest';
import type { MediaRecord } from './media-record.ts';
import { mediaRefusal } from './media-refusal.ts';

const record: MediaRecord = {
  id: '6f9619ff-8b86-4d01-b42d-00c04fc964ff',
  kind: 'bootable',
  label: 'Bench',
  form: 'iso',
  state: 'ready',
  server: 'deploy',
  madeBy: 'eve',
  createdMs: 0,
  finishedMs: 1,
  sizeBytes: 1,
  publicKey: '',
  validFromMs: 1000,
  validUntilMs: 2000,
  unknownComputers: false,
  password: true,
  facts: { variables: [], hasPrestart: false, warnings: [] },
  error: null,
  blockedMs: null,
  blockedReason: '',
};
const at = (nowMs: number, isKnown = true) => ({ nowMs, isKnown });

describe('M46 media that a machine was started from', () => {
  it.each([
    { media: record, when: at(1000), code: undefined },
    { media: record, when: at(1999), code: undefined },
    { media: record, when: at(999), code: 'media.not-yet' },
    { media: record, when: at(2000), code: 'media.expired' },
    { media: record, when: at(1500, false), code: 'media.unknown-computer' },
    { media: { ...record, unknownComputers: true }, when: at(1500, false), code: undefined },
    { media: { ...record, blockedMs: 1 }, when: at(1500), code: 'media.blocked' },
    { media: { ...record, validUntilMs: null }, when: at(9e12), code: undefined },
    { media: null, when: at(1500), code: 'media.not-found' },
  ])('begin a run or say why not: $code', ({ media, when, code }) => {
    expect(mediaRefusal(media, when)?.code).toBe(code);
  });

  it('say why they are blocked, and until when they were good', () => {
    const blocked = { ...record, blockedMs: 1, blockedReason: 'lost on a train' };
    expect(mediaRefusal(blocked, at(1500))?.reason).toContain('lost on a train');
    expect(mediaRefusal(record, at(2000))?.reason).toContain('1970-01-01 00:00 UTC');
  });
});
