import { randomUUID } from 'node:crypto';
import { RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import type { TestAgent } from '#server/http/routes/agent/test-agent.ts';
import { type RawAnswer, sendRaw } from './raw-request.ts';

/** What a hostile agent knows: it listened at the wire and read a disk, and has a machine of its own. */
export interface Loot {
  readonly url: string;
  readonly ca: string;
  /** Registered, and waits for an operator. */
  readonly hostile: TestAgent;
  /** Run of the machine that is attacked, the key of which it does not have. */
  readonly runId: RunId;
  /** Token of that machine, taken from its memory. */
  readonly token: string;
  /** A run of its own that the hostile machine was granted. */
  readonly ownRun: RunId;
}

/** One attempt, and how the server has to answer it. */
export interface Attack {
  readonly name: string;
  readonly attempt: (loot: Loot) => Promise<RawAnswer>;
  readonly status: number;
  /** Empty where there is no error text. */
  readonly code: string;
}

const event = (runId: RunId, seq: number, name = 'Forged') => ({
  runId,
  seq,
  atMs: 1,
  fact: { kind: 'group-entered', stepId: '0', name },
});
const finished = (runId: RunId, seq: number) => ({
  runId,
  seq,
  atMs: 1,
  fact: { kind: 'run-finished', succeeded: true, code: 0, next: 'disk' },
});

const head = (method: string, path: string, more: readonly string[] = []) =>
  [`${method} ${path} HTTP/1.1`, 'host: x', ...more].join('\r\n');

/** All attempts that change and learn nothing, in no order that matters. */
export const attacks: readonly Attack[] = [
  {
    name: 'asks for its policy without a proof',
    attempt: (loot) => sendRaw(loot, `${head('GET', agentPaths.policy)}\r\n\r\n`),
    status: 401,
    code: 'token.missing',
  },
  {
    name: 'uses the token of the machine with a key of its own',
    attempt: ({ hostile, token }) => hostile.call('GET', agentPaths.policy, undefined, { token }),
    status: 401,
    code: 'token.key',
  },
  {
    name: 'makes a token up',
    attempt: ({ hostile }) =>
      hostile.call('GET', agentPaths.policy, undefined, { token: 'x'.repeat(43) }),
    status: 401,
    code: 'token.unknown',
  },
  {
    name: 'sends a proof that is none',
    attempt: ({ hostile }) => hostile.call('GET', agentPaths.policy, undefined, { proof: 'a.b.c' }),
    status: 401,
    code: 'proof.invalid',
  },
  {
    name: 'proves with a nonce of last week',
    attempt: ({ hostile }) =>
      hostile.call('GET', agentPaths.policy, undefined, { nonce: 'abc.def' }),
    status: 401,
    code: 'proof.nonce',
  },
  {
    name: 'proves another body than it sends',
    attempt: ({ hostile, ownRun }) =>
      hostile.call(
        'POST',
        agentPaths.events(ownRun),
        { events: [event(ownRun, 1)] },
        { provedBody: '{"events":[]}' },
      ),
    status: 401,
    code: 'proof.request',
  },
  {
    name: 'asks for the grant of the machine, with its secrets',
    attempt: ({ hostile, runId }) => hostile.call('GET', agentPaths.run(runId)),
    status: 403,
    code: 'run.key',
  },
  {
    name: 'reads the events of the machine',
    attempt: ({ hostile, runId }) => hostile.call('GET', agentPaths.events(runId)),
    status: 403,
    code: 'run.key',
  },
  {
    name: "ends the machine's run",
    attempt: ({ hostile, runId }) =>
      hostile.call('POST', agentPaths.events(runId), { events: [finished(runId, 2)] }),
    status: 403,
    code: 'run.key',
  },
  {
    name: "writes into the machine's log",
    attempt: ({ hostile, runId }) =>
      hostile.call('POST', agentPaths.log(runId), { offset: 0, text: 'forged\n' }),
    status: 403,
    code: 'run.key',
  },
  {
    name: 'tells progress of the machine',
    attempt: ({ hostile, runId }) =>
      hostile.call('PUT', agentPaths.progress(runId), {
        stepId: null,
        index: 1,
        total: 1,
        title: 'Forged',
      }),
    status: 403,
    code: 'run.key',
  },
  {
    name: "asks for a run of the machine's deployment while its own is open",
    attempt: ({ hostile }) =>
      hostile.call('POST', agentPaths.runs, {
        runId: RunId.parse(randomUUID()),
        deploymentId: 'MW120001',
      }),
    status: 409,
    code: 'run.open',
  },
  {
    name: "sends events of the machine's run in a batch of its own",
    attempt: ({ hostile, runId, ownRun }) =>
      hostile.call('POST', agentPaths.events(ownRun), { events: [event(runId, 2)] }),
    status: 400,
    code: 'request.invalid',
  },
  {
    name: 'sends more events than a batch may have',
    attempt: ({ hostile, ownRun }) =>
      hostile.call('POST', agentPaths.events(ownRun), {
        events: Array.from({ length: 501 }, (_, index) => event(ownRun, index + 1)),
      }),
    status: 400,
    code: 'request.invalid',
  },
  {
    name: 'announces six megabytes of events',
    attempt: (loot) => {
      const lines = ['content-type: application/json', `content-length: ${6 * 1024 * 1024}`];
      return sendRaw(loot, `${head('POST', agentPaths.events(loot.ownRun), lines)}\r\n\r\n{`);
    },
    status: 413,
    code: 'request.too-large',
  },
  {
    name: 'sends a name that is longer than any',
    attempt: ({ hostile, ownRun }) =>
      hostile.call('POST', agentPaths.events(ownRun), {
        events: [event(ownRun, 1, 'n'.repeat(10_000))],
      }),
    status: 400,
    code: 'request.invalid',
  },
  {
    name: 'sends a fact that there is not',
    attempt: ({ hostile, ownRun }) =>
      hostile.call('POST', agentPaths.events(ownRun), {
        events: [{ ...event(ownRun, 1), fact: { kind: 'administrator', constructor: {} } }],
      }),
    status: 400,
    code: 'request.invalid',
  },
  {
    name: 'nests JSON a hundred thousand deep',
    attempt: (loot) => {
      const body = '['.repeat(100_000);
      const lines = ['content-type: application/json', `content-length: ${body.length}`];
      return sendRaw(loot, `${head('POST', agentPaths.register, lines)}\r\n\r\n${body}`);
    },
    status: 400,
    code: 'request.invalid',
  },
  {
    name: 'says two lengths of one request',
    attempt: (loot) =>
      sendRaw(
        loot,
        `${head('POST', agentPaths.register, ['content-length: 4', 'transfer-encoding: chunked'])}\r\n\r\n0\r\n\r\nGET /v1/policy HTTP/1.1\r\n\r\n`,
      ),
    status: 400,
    code: '',
  },
  {
    name: 'sends a megabyte of headers',
    attempt: (loot) =>
      sendRaw(loot, `${head('GET', '/v1/policy', [`x: ${'y'.repeat(1024 * 1024)}`])}\r\n\r\n`),
    status: 431,
    code: '',
  },
  {
    name: 'speaks no HTTP at all',
    attempt: (loot) => sendRaw(loot, Buffer.alloc(4096, 0xff)),
    status: 400,
    code: '',
  },
  {
    name: "asks for the operators' API on the agents' listener",
    attempt: ({ hostile }) => hostile.call('GET', '/api/v1/devices'),
    status: 404,
    code: 'request.not-found',
  },
  {
    name: 'climbs out of the paths of the API',
    attempt: (loot) => sendRaw(loot, `${head('GET', '/v1/../../../etc/passwd')}\r\n\r\n`),
    status: 404,
    code: 'request.not-found',
  },
];
