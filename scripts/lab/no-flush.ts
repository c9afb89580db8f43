/**
 * Loaded into the agent of a loop machine (`node --import`): leaves out every flush of a disk, as an agent that forgot
 * it would; what the kernel flushes by itself, it flushes. A scenario that loses what was not flushed has to notice.
 */
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { open, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const tools = mkdtempSync(join(tmpdir(), 'metalwright-no-flush-'));
writeFileSync(join(tools, 'sync'), '#!/bin/sh\nexit 0\n');
chmodSync(join(tools, 'sync'), 0o755);
process.env['PATH'] = `${tools}:${process.env['PATH'] ?? ''}`;

await using some = await open('/dev/null');
const prototype: { sync: (this: { readonly fd: number }) => Promise<void> } =
  Object.getPrototypeOf(some);
const { sync } = prototype;
prototype.sync = async function (this: { readonly fd: number }) {
  const path = await readlink(`/proc/self/fd/${this.fd}`);
  if (!path.startsWith('/dev/loop')) await sync.call(this);
};
