import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VerifiedObject } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step.ts';
import { missingPeers } from './loop-disk.testing.ts';
import { serveNbd } from './nbd-server.ts';

const skip = missingPeers('nbdinfo', 'nbdcopy');
const run = promisify(execFile);
const { signal } = new AbortController();
const bytes = Buffer.alloc(3 * 1024 * 1024 + 512, 'metalwright ');

const object: VerifiedObject = {
  path: 'x.wim',
  sizeBytes: bytes.length,
  read: async (offset, length) => bytes.subarray(offset, offset + length),
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'metalwright-nbd-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe.skipIf(skip !== undefined)(
  `NBD to libnbd${skip === undefined ? '' : ` (${skip})`}`,
  () => {
    it('M55 says what it is and gives every byte, with many requests at once', async () => {
      await using _server = await serveNbd(object, join(folder, 's'), signal);
      const uri = `nbd+unix:///?socket=${join(folder, 's')}`;
      const info: unknown = JSON.parse((await run('nbdinfo', ['--json', uri])).stdout);
      expect(info).toMatchObject({
        protocol: 'newstyle-fixed',
        exports: [{ 'export-size': bytes.length, is_read_only: true }],
      });
      await run('nbdcopy', ['--requests=16', '--connections=2', uri, join(folder, 'copy')]);
      expect(readFileSync(join(folder, 'copy')).equals(bytes)).toBe(true);
    });

    it('M55 answers EIO for what cannot be verified, and remembers why', async () => {
      const failing = {
        ...object,
        read: async () => Promise.reject(new StepError('content.damaged', 'chunk 0')),
      };
      await using server = await serveNbd(failing, join(folder, 's'), signal);
      const uri = `nbd+unix:///?socket=${join(folder, 's')}`;
      await expect(run('nbdcopy', [uri, join(folder, 'copy')])).rejects.toThrow(
        /Input\/output error/,
      );
      expect(server.failure).toMatchObject({ code: 'content.damaged' });
    });

    it('M55 refuses to be written to', async () => {
      await using _server = await serveNbd(object, join(folder, 's'), signal);
      const uri = `nbd+unix:///?socket=${join(folder, 's')}`;
      execFileSync('truncate', ['-s', '4096', join(folder, 'small')]);
      await expect(run('nbdcopy', [join(folder, 'small'), uri])).rejects.toThrow(
        /read-only|readonly/i,
      );
    });
  },
);
