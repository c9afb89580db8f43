/**
 * Reads content and compares it with its name, which is its SHA-256: what a disk has lost without a word is
 * found before a machine asks for it. It takes hours for terabytes, so it goes on where it was stopped, and
 * leaves the disk to machines: a rate limits what it reads.
 */
import { createHash, randomInt } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Finding } from './finding.ts';

/** Where a check that was stopped goes on, in the data directory. */
const STATE_FILE = 'content-check.json';
const State = z.object({
  after: z.string(),
  read: z.int(),
  bytes: z.int(),
  bad: z.array(z.string()),
});
type State = z.infer<typeof State>;
const NOTHING: State = { after: '', read: 0, bytes: 0, bad: [] };
/** A check that is killed reads again what it read since. */
const STATE_EVERY_MS = 1000;
const HASH = /^[0-9a-f]{64}$/;
/** Damaged objects that are named; all are counted. */
const NAMED = 10;
const code = 'doctor.content';

/** What is read, and how fast. */
export interface ContentCheck {
  readonly dataDirectory: string;
  /** So many objects, drawn by lot; undefined for all, from where the last check was stopped. */
  readonly sample: number | undefined;
  readonly bytesPerSecond: number;
  /** Told after each object: how many are read, of how many. */
  readonly onProgress: (done: number, all: number) => void;
}

/** Reads the objects and tells which have other bytes than their name says. */
export async function checkContent(check: ContentCheck, signal: AbortSignal): Promise<Finding> {
  const folder = join(check.dataDirectory, 'content');
  const all = await listObjects(folder);
  const stateFile = join(check.dataDirectory, STATE_FILE);
  const isWhole = check.sample === undefined;
  let state = isWhole ? await readState(stateFile) : NOTHING;
  const chosen = isWhole ? all.filter((hash) => hash > state.after) : draw(all, check.sample);
  const pace = pacer(check.bytesPerSecond);
  let writtenMs = performance.now();
  for (const hash of chosen) {
    const found = await hashOf(join(folder, hash.slice(0, 2), hash), pace, signal).catch(
      (error: unknown) => (signal.aborted ? undefined : { hash: '', bytes: 0, error }),
    );
    if (found === undefined) {
      if (isWhole) await writeState(stateFile, state);
      return stopped(state, all.length);
    }
    state = {
      after: hash,
      read: state.read + 1,
      bytes: state.bytes + found.bytes,
      bad: found.hash === hash ? state.bad : [...state.bad, hash],
    };
    if (isWhole && performance.now() - writtenMs > STATE_EVERY_MS) {
      await writeState(stateFile, state);
      writtenMs = performance.now();
    }
    check.onProgress(state.read, isWhole ? all.length : chosen.length);
  }
  await rm(stateFile, { force: true });
  return outcome(state, all.length);
}

function outcome({ read, bytes, bad }: State, all: number): Finding {
  const what = `${read} of ${all} objects of content, ${(bytes / 1e9).toFixed(1)} GB, were read`;
  if (bad.length === 0)
    return { level: 'ok', code, message: `${what}: each is what its name says` };
  return {
    level: 'problem',
    code,
    message: `${what}: ${bad.length} ${bad.length === 1 ? 'is' : 'are'} damaged or cannot be read: ${bad.slice(0, NAMED).join(', ')}${bad.length > NAMED ? ' …' : ''}`,
    hint: 'look at the disk (smartctl), delete those files, and add the packages again, or start the server where another of the site has them',
  };
}

function stopped({ read, bad }: State, all: number): Finding {
  return {
    level: bad.length === 0 ? 'warning' : 'problem',
    code,
    message: `the check of content was stopped after ${read} of ${all} objects, ${bad.length} of them damaged`,
    hint: 'run it again: it goes on there',
  };
}

/** Hashes of all objects, in order. */
async function listObjects(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch((): string[] => []);
  return names
    .map((name) => name.slice(name.lastIndexOf('/') + 1))
    .filter((name) => HASH.test(name))
    .sort();
}

/** Some of them, by lot (Fisher and Yates), in order. */
function draw(all: readonly string[], sample = all.length): string[] {
  const rest = [...all];
  const drawn: string[] = [];
  while (drawn.length < sample && rest.length > 0)
    drawn.push(...rest.splice(randomInt(rest.length), 1));
  return drawn.sort();
}

async function hashOf(
  path: string,
  pace: (bytes: number, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<{ readonly hash: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of createReadStream(path, { highWaterMark: 1024 * 1024, signal })) {
    if (!(part instanceof Uint8Array)) throw new TypeError('not bytes');
    hash.update(part);
    bytes += part.length;
    await pace(part.length, signal);
  }
  return { hash: hash.digest('hex'), bytes };
}

/** Waits so long that no more than a rate was read since the beginning. */
function pacer(bytesPerSecond: number) {
  const beganMs = performance.now();
  let read = 0;
  return async (bytes: number, signal: AbortSignal) => {
    read += bytes;
    const aheadMs = (read / bytesPerSecond) * 1000 - (performance.now() - beganMs);
    if (aheadMs > 5) await delay(aheadMs, undefined, { signal });
  };
}

async function readState(path: string): Promise<State> {
  try {
    return State.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return NOTHING;
  }
}

/** Whole or not at all; one that is lost in a power cut only has objects read again. */
async function writeState(path: string, state: State): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(state));
  await rename(`${path}.new`, path);
}
