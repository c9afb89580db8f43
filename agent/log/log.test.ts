import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunId } from '../protocol/identity.ts';
import type { LogChunk } from '../protocol/run-event.ts';
import { TransportError } from '../transport/transport-error.ts';
import { formatCmtrace } from './cmtrace.ts';
import { RunLog } from './run-log.ts';
import { LogUpload } from './upload.ts';

const runId = RunId.parse('6a1f0b52-9d2e-4d7c-8f6e-0a1b2c3d4e5f');
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalwright-log-'));
});
afterEach(async () => rm(folder, { recursive: true }));

describe('the log of a run', () => {
  it('writes lines that CMTrace reads, in UTC', () => {
    const line = formatCmtrace({
      message: 'a]LOG]!>b',
      component: 'Engine',
      level: 'warn',
      atMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    });
    expect(line).toMatch(
      /^<!\[LOG\[a\] LOG\]!>b\]LOG\]!><time="03:04:05\.006\+000" date="01-02-2026" component="Engine" context="" type="2" thread="\d+" file="">$/,
    );
  });

  it('takes no %s in a text for a place to fill', async () => {
    const log = new RunLog(join(folder, 'a.log'), () => 0);
    log.write('info', 'Running: date +%s-%d', 'run-command');
    await log.close();
    const text = await readFile(log.path, 'utf8');
    expect(text).toContain('Running: date +%s-%d]LOG]!><time="00:00:00.000+000"');
    expect(text).toContain('component="run-command"');
  });

  it('hides what is found in a line, beside what is known', async () => {
    const log = new RunLog(join(folder, 'a.log'), () => 0);
    log.hide(['s3cret']);
    log.hideFound((text) => (text.includes('other') ? ['other'] : []));
    log.write('info', 'both: s3cret, other; another');
    await log.close();
    expect(await readFile(log.path, 'utf8')).toContain('both: ********, ********; an********');
  });

  it('hides secrets at the writer', async () => {
    const log = new RunLog(join(folder, 'a.log'), () => 0);
    log.hide(['s3cret']);
    log.hide(['other']);
    log.write('info', 'join with s3cret and other');
    await log.close();
    const text = await readFile(log.path, 'utf8');
    expect(text).toContain('join with ******** and ********');
    expect(text).not.toContain('s3cret');
  });

  it('sends the log after what earlier starts sent, each byte once, also when an answer is lost', async () => {
    const log = new RunLog(join(folder, 'a.log'), () => 0);
    for (let index = 0; index < 3000; index += 1) log.write('info', `line ${index} äöü`);
    await log.close();
    let kept = 'earlier\n';
    let posts = 0;
    const postLog = async (_run: RunId, { offset, text }: LogChunk) => {
      posts += 1;
      if (offset === Buffer.byteLength(kept)) kept += text;
      if (posts === 3) throw new TransportError('transport.unreachable', 'answer lost');
      return { have: Buffer.byteLength(kept) };
    };
    await using upload = new LogUpload({ log, runId, transport: { postLog } });
    const { signal } = new AbortController();
    await upload.flush(signal);
    await upload.flush(signal);
    expect(kept).toBe(`earlier\n${await readFile(log.path, 'utf8')}`);
  });

  it('M56 goes on where a server that was restored from an older backup has it', async () => {
    let kept = 'earlier\n';
    const log = new RunLog(join(folder, 'b.log'), () => 0);
    log.write('info', 'one');
    const postLog = async (_run: RunId, { offset, text }: { offset: number; text: string }) => {
      if (offset === kept.length) kept += text;
      return { have: kept.length };
    };
    await using upload = new LogUpload({ log, runId, transport: { postLog } });
    const { signal } = new AbortController();
    await upload.flush(signal);
    for (const lost of ['earlier\n', 'ear', '']) {
      kept = lost;
      log.write('info', `after ${lost.length}`);
      await upload.flush(signal);
      await upload.flush(signal);
      expect(kept).toBe(`${lost}${await readFile(log.path, 'utf8')}`);
    }
    await log.close();
  });
});
