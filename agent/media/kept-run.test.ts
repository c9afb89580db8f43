import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMedia } from './find-media.ts';
import { openKeptRun } from './kept-run.ts';

const signal = new AbortController().signal;
const kept = {
  format: 1,
  runId: randomUUID(),
  runKey: 'a2V5',
  resumeToken: 'token',
  claim: 'said.signed',
  media: { id: randomUUID(), label: 'Stick', launchMode: 'UFD' },
  grant: {
    sequenceId: 'MW100001',
    sequenceVersion: 1,
    sequenceName: 'Bench',
    description: '',
    documentJson: '{}',
    documentSha256: '',
    content: {},
    unattended: true,
  },
};
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-run-'));
});
afterAll(async () => rm(folder, { recursive: true }));

describe('M45 a run from stand-alone media in the installed system', () => {
  it('knows its media, and has no key of them', async () => {
    const file = join(folder, 'stand-alone.json');
    await writeFile(file, JSON.stringify(kept));
    await using opened = await openKeptRun(file, join(folder, 'media'));
    expect(opened.run.grant.sequenceName).toBe('Bench');
    expect(opened.session).toMatchObject({
      id: kept.media.id,
      type: 'FullMedia',
      launchMode: 'UFD',
    });
    expect(opened.session.key).toBeUndefined();
  });

  it.each(['', 'null', '{"format":2}'])('is not guessed from a file with %j', async (text) => {
    const file = join(folder, 'bad.json');
    await writeFile(file, text);
    await expect(openKeptRun(file, folder)).rejects.toMatchObject({ code: 'agent.settings' });
    await expect(openKeptRun(join(folder, 'none'), folder)).rejects.toMatchObject({
      code: 'agent.settings',
    });
  });

  it('says which media it misses', async () => {
    const place = join(folder, 'media');
    await using found = findMedia(kept.media, { place, devices: join(folder, 'no-devices') });
    await expect(found.folder(signal)).rejects.toMatchObject({
      code: 'content.unreachable',
      message: expect.stringContaining('"Stick"'),
    });
  });
});
