/**
 * All that is known of a run in one ZIP file, to be looked at elsewhere: facts, events, log, the task sequence
 * as it was granted, the machine, how it booted, and why it failed in plain words. Written as it is read, a
 * page at a time; nothing secret is in it.
 */
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ZipFile } from 'yazl';
import { formatLogEntry, parseCmTrace } from '../inventory/cmtrace.ts';
import type { Device } from '../inventory/device.ts';
import type { RunDocument } from '../store/run-documents.ts';
import type { RunDetail } from './api.ts';
import { withoutSecrets } from './routes/operator/run-view.ts';
import type { OperatorServices } from './services.ts';

/** The end of a log tells most: of a longer one only so much of it is in the file. */
const MOST_LOG_BYTES = 64 * 1024 * 1024;
const MOST_EVENTS = 100_000;
/** Small, so that no part holds others up. */
const LOG_PAGE_BYTES = 128 * 1024;
const EVENT_PAGE = 500;
const MOST_SILENCES = 100;

/** What a bundle is made of. */
export interface RunBundle {
  /** Without its events, which are read page by page. */
  readonly run: Omit<RunDetail, 'events'>;
  readonly document: RunDocument;
  readonly device: Device | null;
  readonly serverVersion: string;
  readonly madeMs: number;
}

/** Writes the file; the stream fails where something cannot be read. */
export function writeRunBundle(
  bundle: RunBundle,
  { store, live }: Pick<OperatorServices, 'store' | 'live'>,
): Readable {
  const { run, document, device } = bundle;
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  zip.on('error', (error: Error) => output.destroy(error));
  const text = (name: string, value: string) => zip.addBuffer(Buffer.from(value), name);
  const json = (name: string, value: unknown) => text(name, `${JSON.stringify(value, null, 2)}\n`);
  const lazily = (name: string, parts: () => AsyncIterable<string>) =>
    zip.addReadStreamLazy(name, (give) => {
      const stream = Readable.from(parts(), { objectMode: false });
      stream.on('error', (error) => zip.emit('error', error));
      give(null, stream);
    });
  const fromByte = Math.max(0, document.logBytes - MOST_LOG_BYTES);
  text('README.txt', readme(bundle, fromByte));
  json('run.json', run);
  text('sequence.json', `${document.documentJson.trimEnd()}\n`);
  json('variables.json', document.variables);
  lazily('events.jsonl', () => eventLines(store, run.id));
  lazily('log.cmtrace.log', () => logText(store, run.id, fromByte));
  lazily('log.txt', () => plainLog(logText(store, run.id, fromByte)));
  lazily('device.json', async function* () {
    const id = run.deviceId;
    const now = await store.deviceInventories.of(id);
    const history = await store.deviceInventories.history(id);
    yield `${JSON.stringify({ device, now, history }, null, 2)}\n`;
  });
  lazily('boot.json', async function* () {
    const macs = device?.macAddresses ?? [];
    const silences = [];
    for (const mac of macs)
      silences.push(...(await store.silences.list({ mac, limit: MOST_SILENCES })));
    const last = device === null ? null : live.lastDecision(macs, device.smbiosGuid);
    yield `${JSON.stringify({ lastDecision: last, silences }, null, 2)}\n`;
  });
  zip.end();
  return output;
}

async function* eventLines(
  store: OperatorServices['store'],
  run: RunDetail['id'],
): AsyncGenerator<string> {
  let after = 0;
  for (let read = 0; read < MOST_EVENTS; ) {
    const events = await store.runs.events(run, after, EVENT_PAGE);
    const last = events.at(-1);
    if (last === undefined) return;
    yield events.map((event) => `${JSON.stringify(withoutSecrets(event))}\n`).join('');
    after = last.seq;
    read += events.length;
  }
}

async function* logText(
  store: OperatorServices['store'],
  run: RunDetail['id'],
  fromByte: number,
): AsyncGenerator<string> {
  let offset = fromByte;
  // A run that goes on writes meanwhile: what came after the bundle was begun is not waited for.
  for (let read = 0; read <= MOST_LOG_BYTES; ) {
    const slice = await store.logs.read(run, offset, LOG_PAGE_BYTES);
    if (slice.next === offset) return;
    read += slice.next - offset;
    offset = slice.next;
    yield slice.text;
  }
}

async function* plainLog(parts: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const part of parts) {
    const parsed = parseCmTrace(rest + part);
    rest = parsed.rest;
    yield parsed.entries.map((entry) => `${formatLogEntry(entry)}\n`).join('');
    await nextTurn();
  }
  if (rest !== '') yield `${rest}\n`;
}

function readme(
  { run, document, device, serverVersion, madeMs }: RunBundle,
  fromByte: number,
): string {
  const at = (ms: number) => new Date(ms).toISOString();
  const { likelyCause: cause, error } = run;
  const lines = [
    `Run ${run.id} of "${run.sequenceName}" on ${run.deviceName}`,
    '',
    `state     ${run.state}, started ${at(run.startedMs)}${run.endedMs === null ? '' : `, ended ${at(run.endedMs)}`}`,
    `machine   ${[device?.manufacturer, device?.model, device?.serialNumber].filter(Boolean).join(' ') || 'unknown'}`,
    ...(error === null ? [] : [`error     ${error.message} [${error.code}]`]),
    ...(error?.hint === undefined ? [] : [`hint      ${error.hint}`]),
    ...(cause === null
      ? []
      : [
          `why       ${cause.what}`,
          `${cause.certain ? 'cause    ' : 'likely   '} ${cause.cause}`,
          `to do     ${cause.todo}`,
        ]),
    `server    Metalwright ${serverVersion}; the agent's version is in the first event`,
    `made      ${at(madeMs)}`,
    '',
    'run.json          the run, its error, its likely cause',
    'events.jsonl      what happened, an event a line, in order',
    `log.cmtrace.log   the log as the machine wrote it, for CMTrace${fromByte === 0 ? '' : `; from byte ${fromByte} on, what is before is left out`}`,
    'log.txt           the same for reading',
    'sequence.json     the task sequence as it was granted, with its children',
    'variables.json    the variables that it began with',
    'device.json       the machine: identity, hardware, earlier hardware',
    'boot.json         what its last network boot was answered, and why it was not answered',
    '',
    `Secrets are not in it: values of secret variables are hidden, ${document.emptied.length} settings of steps are emptied.`,
  ];
  return `${lines.join('\n')}\n`;
}
