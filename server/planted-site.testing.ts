/**
 * A site in which words that stand nowhere else are planted where secrets are kept, and a run of a simulated machine
 * that uses them: its agent's engine, journal and log, against the real server.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Agent, request } from 'undici';
import { transports } from 'winston';
import { agentPaths } from '#agent/protocol/paths.ts';
import { RunGrant } from '#agent/protocol/policy.ts';
import { EventAck } from '#agent/protocol/run-event.ts';
import { ReleasedSecrets } from '#agent/protocol/step-secrets.ts';
import { DrivenMachine } from '#agent/simulated-machine/testing/driven-machine.ts';
import { createLog } from './log.ts';
import { imageFiles } from './netboot/boot-files.ts';
import { openTestSite, startRun, type TestMachine, type TestSite } from './test-machines.ts';
import { openSiteSecret } from './trust/site-secret.ts';

/** Signs that each encoding writes in another way, and none that JSON escapes. */
const canary = (of: string): string => `canary of/${of}+${randomUUID()}`;
export const planted = {
  account: canary('account'),
  device: canary('device'),
  collection: canary('collection'),
  condition: canary('condition'),
  wholeRun: canary('whole-run'),
  person: canary('person'),
  commandPrompt: canary('prompt'),
  webhookSecret: canary('webhook-secret'),
  webhookToken: randomUUID(),
  document: canary('document'),
  oidcClient: canary('oidc-client'),
} as const;

/** What was planted, and everything that was written by it. */
export interface PlantedSite extends AsyncDisposable {
  readonly site: TestSite;
  readonly machine: TestMachine;
  readonly grant: RunGrant;
  readonly driven: DrivenMachine;
  /** Of the administrator. */
  readonly token: string;
  /** Of an auditor; shown once, kept as a hash. */
  readonly apiToken: string;
  /** Keys of the site and of the run. */
  readonly keys: readonly string[];
  /** Everything that the server logged, at its most talkative. */
  logged(): string;
  readonly call: (
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: unknown,
    bearer?: string,
  ) => Promise<{ readonly status: number; readonly text: string }>;
  /** What the console answers, as bytes. @throws {Error} where it is no 200 */
  readonly download: (path: string) => Promise<Uint8Array>;
}

const steps = [
  {
    step: 'Partition',
    type: 'format-disk',
    params: {
      partitions: [
        { type: 'efi', size: { mb: 512 } },
        { name: 'root', fileSystem: 'ext4' },
      ],
    },
  },
  {
    step: 'Share',
    type: 'connect-network-folder',
    params: { path: '\\\\files\\share', account: { user: 'account:Join' } },
    continueOnError: true,
  },
  {
    step: 'Copy',
    type: 'set-variable',
    params: { name: 'Copied', value: 'of %OfDevices%' },
    condition: {
      kind: 'variable',
      variable: 'OfCondition',
      operator: 'like',
      value: 'canary of/condition*',
    },
  },
  {
    step: 'Join',
    type: 'run-command',
    params: { commandLine: 'join "%OfCollections%" "%Copied%"', outputVariable: 'Output' },
  },
  {
    step: 'Fail',
    type: 'run-command',
    params: { commandLine: 'missing "%OfCollections%"' },
    continueOnError: true,
  },
  // The agent after it has no memory of what it was given before; programs print it all the same.
  { step: 'Restart', type: 'restart', params: { target: 'pe' } },
  {
    step: 'Later',
    type: 'run-command',
    params: { commandLine: 'later', outputVariable: 'PrintedLater' },
  },
  {
    step: 'Last',
    type: 'run-command',
    params: { commandLine: 'missing "%PrintedLater%"' },
    continueOnError: true,
  },
];
/** What a program prints after the restart: values that were given before it, one within a line. */
const printedLater = `it was ${planted.account}
${planted.device} and (${planted.collection}), if ${planted.condition}.`;

/** Opens it all; the run is over then. */
export async function openPlantedSite(): Promise<PlantedSite> {
  let logged = '';
  const log = createLog('debug');
  const stream = new Writable({
    write(chunk, _encoding, done) {
      logged += String(chunk);
      done();
    },
  });
  log.clear().add(new transports.Stream({ stream }));
  const bootImageDirectory = await mkdtemp(join(tmpdir(), 'metalwright-planted-boot-'));
  for (const name of [...imageFiles, 'manifest'])
    await writeFile(join(bootImageDirectory, name), name);
  // Nobody listens there: what is told of that must not have the secret either.
  const nowhere = { issuer: 'https://127.0.0.1:9', consoleUrl: 'https://console.example' };
  const oidc = {
    ...nowhere,
    clientId: 'metalwright',
    clientSecret: planted.oidcClient,
    defaultRole: 'auditor',
  };
  const site = await openTestSite({ log, bootImageDirectory, settings: { oidc } });
  const token = (await readFile(site.app.tokenFile, 'utf8')).trim();
  const client = new Agent({ connect: { rejectUnauthorized: false } });
  const call: PlantedSite['call'] = async (method, path, body, bearer = token) => {
    const answer = await request(`${site.app.addresses.console}${path}`, {
      method,
      dispatcher: client,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  const download: PlantedSite['download'] = async (path) => {
    const answer = await request(`${site.app.addresses.console}${path}`, {
      dispatcher: client,
      headers: { authorization: `Bearer ${token}` },
    });
    if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode}`);
    return new Uint8Array(await answer.body.arrayBuffer());
  };
  const made = async (method: 'POST' | 'PUT', path: string, body: unknown): Promise<string> => {
    const { status, text } = await call(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return text;
  };

  const machine = await site.machine();
  const collection = await site.collection('Planted', [machine]);
  await made('POST', '/api/v1/accounts', {
    name: 'Join',
    kind: 'network-folder',
    user: 'CORP\\join',
    password: planted.account,
  });
  for (const [owner, id, name, value] of [
    ['devices', machine.device, 'OfDevices', planted.device],
    ['devices', machine.device, 'OfCondition', planted.condition],
    ['devices', machine.device, 'SMSTSRebootMessage', planted.wholeRun],
    ['collections', collection, 'OfCollections', planted.collection],
  ] as const)
    await made('PUT', `/api/v1/${owner}/${id}/variables/${name}`, { value, secret: true });
  await made('POST', '/api/v1/people', { name: 'Ann', role: 'auditor', password: planted.person });
  const ofAuditor = await made('POST', '/api/v1/tokens', { name: 'script', role: 'auditor' });
  const { token: apiToken } = JSON.parse(ofAuditor) as { token: string };
  await made('POST', '/api/v1/webhooks', {
    url: `https://chat.example/hooks/${planted.webhookToken}?also=${planted.webhookToken}`,
    events: ['run-started', 'run-succeeded', 'run-failed'],
    secret: planted.webhookSecret,
  });
  const { status } = await call('POST', '/api/v1/sign-in/oidc', {});
  if (status !== 502) throw new Error(`signing in where nobody listens: ${status}`);
  await site.store({ name: 'Planted', steps });
  const deployed = await made('POST', '/api/v1/deployments', {
    sequence: 'Planted',
    collection: 'Planted',
    purpose: 'required',
    commandPromptPassword: planted.commandPrompt,
  });
  const grant = await startRun(machine, (JSON.parse(deployed) as { id: string }).id);
  const driven = await drive(machine, grant);
  const secret = await openSiteSecret(join(site.directory, 'data'));
  return {
    site,
    machine,
    grant,
    driven,
    token,
    apiToken,
    keys: [apiToken, token, secret.runKey(grant.runId), secret.resumeToken(grant.runId)],
    logged: () => logged,
    call,
    download,
    async [Symbol.asyncDispose]() {
      await client.destroy();
      await site[Symbol.asyncDispose]();
      await rm(bootImageDirectory, { recursive: true, force: true });
    },
  };
}

/** Drives the run on a simulated machine, whose programs print what they were given. */
async function drive({ agent }: TestMachine, grant: RunGrant): Promise<DrivenMachine> {
  const driven = new DrivenMachine({
    document: { name: grant.sequenceName, steps },
    grant,
    programs: ['join'],
    prints: { later: printedLater },
    grantAgain: async () => {
      const answer = await agent.call('GET', agentPaths.run(grant.runId));
      return RunGrant.parse(answer.json);
    },
    postEvents: async (events) => {
      const answer = await agent.call('POST', agentPaths.events(grant.runId), { events });
      return EventAck.parse(answer.json);
    },
    releaseSecrets: async (wish) => {
      const answer = await agent.call('POST', agentPaths.secrets(grant.runId), wish);
      return ReleasedSecrets.parse(answer.json);
    },
  });
  await driven.runToEnd();
  let offset = 0;
  for (const line of driven.log) {
    const text = `${line}\n`;
    await agent.call('POST', agentPaths.log(grant.runId), { offset, text });
    offset += Buffer.byteLength(text);
  }
  return driven;
}
