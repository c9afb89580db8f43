import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_VERSION } from '../agent-version.ts';
import { driveRun } from '../driver.ts';
import type { JournalHeader } from '../journal/format.ts';
import type { FoundJournal } from '../journal/places.ts';
import { copyLogOut } from '../log/copy-out.ts';
import type { RunLog } from '../log/run-log.ts';
import { LogUpload } from '../log/upload.ts';
import { type CommandPrompt, commandPrompt } from '../menu/command-prompt.ts';
import type { Machine } from '../platform/machine.ts';
import { checkPassword } from '../protocol/check-password.ts';
import { HiddenValueFinder } from '../protocol/hidden-values.ts';
import type { RunId } from '../protocol/identity.ts';
import type { MediaRun } from '../protocol/media-run.ts';
import type { RunGrant } from '../protocol/policy.ts';
import type { RunEvent } from '../protocol/run-event.ts';
import { parseTaskSequence } from '../sequence/schema.ts';
import { hideSecrets, type Variables } from '../sequence/variables.ts';
import { steps } from '../steps/index.ts';
import { cacheLimits, clientCache } from '../transport/client-cache.ts';
import { ContentAccount } from '../transport/content-account.ts';
import { packageFolders } from '../transport/content-folder.ts';
import { contentConnections } from '../transport/content-trust.ts';
import { downloadRetry } from '../transport/download-retry.ts';
import { httpChunks } from '../transport/fetch-chunk.ts';
import { imageHandOver } from '../transport/hand-over-image.ts';
import { mediaChunks } from '../transport/media-chunks.ts';
import { preserveContent } from '../transport/preserve-content.ts';
import { runContent } from '../transport/run-content.ts';
import { runSources } from '../transport/run-sources.ts';
import { chunksByScheme, shareChunks } from '../transport/share-chunks.ts';
import { sourceHealth } from '../transport/source-health.ts';
import { stagedContent } from '../transport/staged-content.ts';
import { builtInVariables } from './built-in-variables.ts';
import { postAction } from './end-of-run.ts';
import { Outbox } from './outbox.ts';
import { ProgressReport } from './progress-report.ts';
import { LAST_LOG_MS, runObserver } from './run-observer.ts';
import { runErrorOf } from './run-step.ts';
import { askServer, type SessionEnd, type SessionParts } from './session-parts.ts';
import type { RunSetup } from './setup.ts';
import { contentAccounts, type ReleaseSecrets } from './site-accounts.ts';
import { takeUp } from './take-up.ts';

/** Takes up a run of this machine, or begins it, and drives it to its end or its next restart. */
export async function runOnMachine(
  parts: SessionParts,
  {
    grant,
    serverEvents,
    journals,
    owner,
  }: {
    readonly grant: RunGrant;
    readonly serverEvents: readonly RunEvent[];
    /** Journals that were found on this machine and are its own. */
    readonly journals: readonly FoundJournal[];
    readonly owner: Pick<JournalHeader, 'machineKey' | 'siteFingerprint'>;
  },
  signal: AbortSignal,
): Promise<SessionEnd> {
  const { machine, transport, terminals, log, clock } = parts;
  const { runId, resumeToken, sequenceName, recovery, documentJson } = grant;
  if (grant.deviceName !== null) terminals.setHeader({ deviceName: grant.deviceName });
  log.hide(grant.variables.filter(({ secret }) => secret).map(({ value }) => value));
  const given = grant.hidden === undefined ? undefined : new HiddenValueFinder(grant.hidden);
  if (given !== undefined) log.hideFound((text) => given.find(text));
  const sequence = parseTaskSequence(JSON.parse(grant.documentJson), steps);
  const lost = recovery === undefined ? {} : { recovery };
  const header = { runId, resumeToken, ...owner, ...lost };
  const taken = await takeUp(journals, { grant, sequence, header, serverEvents });
  await closeOthers(journals, runId);
  transport.rememberResume({ runId, resumeToken });
  if (recovery !== undefined) transport.rememberRecovery(runId, { recovery, documentJson });
  const { journal } = taken;
  await using upload = new LogUpload({ log, runId, transport });
  using report = new ProgressReport(runId, transport);
  const observer = runObserver(parts, sequenceName, { upload, report });
  await using outbox = new Outbox({
    journal,
    transport,
    have: taken.have,
    onTrouble: ({ error, waitMs }) =>
      log.write('warn', `${error.code}: ${error.message}; again in ${waitMs} ms`, 'Events'),
  });
  const prompt = promptOf(parts, grant);
  await using folders = packageFolders(async () => contentPlace(machine), runId);
  const release = transport.secrets === undefined ? undefined : releasing(parts, runId);
  let latest = grant;
  await using sources = runSources(() => latest, {
    runId,
    transport,
    log: (message) => log.write('warn', message, 'Content'),
  });
  await using connections = contentConnections({
    cas: () => sources.cas(),
    nowMs: () => clock.now(),
  });
  const { cacheFolder } = machine;
  const cache =
    cacheFolder === undefined
      ? undefined
      : clientCache(cacheFolder, cacheLimits(grant.variables), {
          now: () => clock.now(),
          log: (message) => log.write('info', message, 'Content'),
        });
  const askAccounts = async () => contentAccounts(release, signal);
  const staged =
    parts.media?.type === 'OEMMedia' && parts.media.contentFolder !== undefined
      ? stagedContent(parts.media.contentFolder)
      : undefined;
  const content = runContent(
    () => latest,
    {
      fetchChunk:
        parts.media?.contentFolder === undefined || parts.media.type !== 'FullMedia'
          ? chunksByScheme({
              web: httpChunks(connections, new ContentAccount(askAccounts)),
              share: shareChunks(machine.contentShares, askAccounts),
            })
          : mediaChunks(parts.media.contentFolder),
      health: sourceHealth(),
      sourcesOf: (packageId) => sources.of(packageId),
      refresh: async (asking) => sources.refresh(asking),
      onFault: (fault) => sources.tell(fault),
      ...(staged === undefined ? {} : { staged: staged.read, onBytes: staged.countFetched }),
      folders,
      cache,
      keepNothing: keepsNothing(grant),
      retry: downloadRetry(grant.variables),
      onTrouble: (trouble) => log.write('warn', trouble, 'Content'),
    },
    signal,
  );
  const result = await driveRun(
    {
      grant,
      sequence,
      registry: steps,
      journal,
      from: taken.from,
      journals: machine.journals,
      outbox,
      platform: machine.platform,
      content,
      clock,
      agentVersion: AGENT_VERSION,
      machineKey: owner.machineKey,
      builtInVariables: builtInVariables(machine.identity, grant, {
        server: transport.server,
        logFolder: log.folder,
        sequence,
        ...(parts.media === undefined ? {} : { media: parts.media }),
        ...(cacheFolder !== undefined && existsSync(cacheFolder)
          ? { clientCache: cacheFolder }
          : {}),
      }),
      ...(parts.media === undefined ? {} : { mediaVariables: parts.media.variables }),
      observer,
      logFolder: async () => settleLog(parts),
      lookAgain: async (trying) => {
        latest = await askServer(parts, async () => transport.run(runId, trying), trying);
        sources.forget();
      },
      ...(release === undefined ? {} : { releaseSecrets: release }),
      ...handingOver(parts, runId),
      ...(given === undefined ? {} : { findGiven: (text: string) => given.find(text) }),
      serveVariables: parts.serveVariables,
    },
    signal,
  );
  log.write(
    result.succeeded ? 'info' : 'error',
    `Run ${runId} ${result.succeeded ? 'succeeded' : `failed: ${result.error?.code ?? ''}: ${result.error?.message ?? ''}`}`,
  );
  if (cache !== undefined && isTrue(result.variables.value('SMSTSPreserveContent')))
    await preserveContent(
      latest,
      { folders, cache, log: (message) => log.write('info', message, 'Content') },
      signal,
    );
  if (staged !== undefined) log.write('info', staged.summary(), 'Content');
  await journal.leave();
  const { succeeded, error } = result;
  const history = { runId, sequence: sequenceName, atMs: clock.now(), succeeded, error };
  if (parts.media?.type === 'FullMedia') await keepRun(parts, runId, journal.events, signal);
  await cleanUp(parts, { history: JSON.stringify(history), succeeded }, signal);
  tellPostAction(log, result.variables);
  if (!result.succeeded) await takeLogOut(parts, signal);
  await log.close();
  await upload.flush(AbortSignal.timeout(LAST_LOG_MS));
  const end = { runId, sequence: sequenceName, ...result };
  return prompt === undefined ? end : { ...end, commandPrompt: prompt };
}

/** How a captured image gets to the server; nothing where there is none. */
function handingOver(parts: SessionParts, runId: RunId): Pick<RunSetup, 'handOverImage'> {
  const { offerImage, sendImage } = parts.transport;
  if (offerImage === undefined || sendImage === undefined) return {};
  return {
    handOverImage: imageHandOver({
      offer: async (offer, asking) =>
        askServer(parts, async (trying) => offerImage(runId, offer, trying), asking),
      send: async (part, asking) =>
        askServer(parts, async (trying) => sendImage(runId, part, trying), asking),
    }),
  };
}

/** Asks the server until it answers; what it gives away is in no log from then on. */
function releasing(parts: SessionParts, runId: RunId): ReleaseSecrets {
  return async (request, signal) => {
    const { transport, log } = parts;
    const released = await askServer(
      parts,
      async (trying) =>
        transport.secrets?.(runId, request, trying) ?? {
          accounts: [],
          variables: [],
          packages: [],
        },
      signal,
    );
    log.hide(released.accounts.map(({ password }) => password));
    log.hide(released.variables.map(({ value }) => value));
    return released;
  };
}

/** F8, where this deployment lets a person open a command prompt, and this system has one. */
function promptOf(
  { machine, terminals, log }: SessionParts,
  { commandPrompt: known }: RunGrant,
): CommandPrompt | undefined {
  if (known === undefined || machine.openCommandPrompt === undefined) return undefined;
  return commandPrompt({
    terminals,
    isRight: async (password) => checkPassword(password, known),
    open: async () => machine.openCommandPrompt?.(),
    log: (message) => log.write('warn', message, 'Prompt'),
  });
}

/** To a stick with a folder for it: a machine that failed may be the one without a network. */
async function takeLogOut({ machine, log }: SessionParts, signal: AbortSignal): Promise<void> {
  const { disk } = machine.platform;
  const { serialNumber, macAddresses } = machine.identity;
  const name = serialNumber ?? macAddresses[0] ?? '';
  try {
    const { copied, problems } = await copyLogOut({ log, disk, name, asked: false }, signal);
    for (const where of copied) log.write('info', `The log was copied to ${where}`);
    for (const problem of problems) log.write('warn', `The log was not copied to ${problem}`);
  } catch (error) {
    log.write('warn', `The log was not copied: ${String(error)}`);
  }
}

/** In memory, until there is a disk for packages. */
async function contentPlace(machine: Machine): Promise<string> {
  const data = await machine.dataFolder?.().catch(() => undefined);
  return data === undefined ? machine.contentFolder : join(data, 'Packages');
}

/** Once there is a disk for it, the log lies there too. Returns where people find it. */
async function settleLog({ log, machine }: SessionParts): Promise<string> {
  // The one of an installed system lies on its disk anyway.
  const isInMemory = machine.platform.environment !== 'full-os' && !log.copied;
  const data = isInMemory ? await machine.dataFolder?.().catch(() => undefined) : undefined;
  if (data === undefined) return log.folder;
  const folder = join(data, 'Logs', 'smstslog');
  try {
    log.copyTo(folder);
    log.write('info', `The log is in ${folder}, too`);
  } catch (error) {
    log.write('warn', `The log is not in ${folder}: ${String(error)}`);
  }
  return log.folder;
}

/** The agent starts it when the session is over; nothing is logged any more then. */
function tellPostAction(log: RunLog, variables: Variables): void {
  try {
    const action = postAction(variables);
    if (action) log.write('info', `SMSTSPostAction: ${action.shown}`, 'Engine');
  } catch (error) {
    const { code, message } = runErrorOf(error, (text) => hideSecrets(text, variables));
    log.write('warn', `SMSTSPostAction is not run: ${code}: ${message}`, 'Engine');
  }
}

/** Where there is no server: what it is to be told when this machine meets it. */
async function keepRun(
  { machine, transport, log }: SessionParts,
  runId: RunId,
  events: readonly RunEvent[],
  signal: AbortSignal,
): Promise<void> {
  const claim = transport.claimOf?.(runId);
  if (claim === undefined) return;
  const run: MediaRun = { ...claim, events: [...events] };
  try {
    await machine.journals.keptRuns?.keep(runId, JSON.stringify(run), signal);
  } catch (error) {
    log.write('warn', `The history of the run is not kept for the server: ${String(error)}`);
  }
}

/** After the end: history stays on the machine, journal and agent go. */
async function cleanUp(
  { machine, log }: SessionParts,
  { history, succeeded }: { readonly history: string; readonly succeeded: boolean },
  signal: AbortSignal,
): Promise<void> {
  try {
    await machine.platform.boot.unstagePe?.(signal);
  } catch (error) {
    log.write('warn', `The staged boot image stays on the disk: ${String(error)}`);
  }
  try {
    if (succeeded) await machine.removeStaged?.(signal);
  } catch (error) {
    log.write('warn', `What was staged stays on the disk: ${String(error)}`);
  }
  try {
    await machine.journals.remember(history, signal);
    await machine.journals.remove(signal);
    if (machine.platform.environment === 'full-os') await machine.removeAgent();
  } catch (error) {
    log.write('warn', `Cleaning up: ${String(error)}`);
  }
}

/** Lets go of the journals of all runs but this one. */
export async function closeOthers(
  journals: readonly FoundJournal[],
  runId: RunId | undefined,
): Promise<void> {
  for (const found of journals)
    if (found.kind === 'journal' && found.parsed.header.runId !== runId) await found.medium.close();
}

/** Whether packages are there for one step alone, unless the sequence says that they are to stay. */
function keepsNothing({ download, variables }: RunGrant): boolean {
  const persist = variables.findLast(({ name }) => name.toLowerCase() === 'smstspersistcontent');
  return download === 'from-distribution-point' && !isTrue(persist?.value);
}

function isTrue(value: string | undefined): boolean {
  return value?.trim().toLowerCase() === 'true';
}
