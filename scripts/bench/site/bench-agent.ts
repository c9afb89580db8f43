import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { MacAddress, RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { Policy, Registered } from '#agent/protocol/policy.ts';
import { EventAck, LogAck, StepId } from '#agent/protocol/run-event.ts';
import { AgentConnection, type AgentServer, type Answer } from './agent-connection.ts';

/** Bytes of one chunk of a log. */
const LOG_CHUNK_BYTES = 64 * 1024;
/**
 * Lines as agents write them, each with numbers of its own, so that what is sent can be packed as far as a
 * log can, and no further.
 */
const chunk = Array.from({ length: 600 }, (_, index) => {
  const number = Math.imul(index + 1, 0x9e3779b1) >>> 0;
  return (
    `<![LOG[Wrote ${number} bytes to block ${number.toString(16)} of the volume]LOG]!>` +
    `<time="10:${(number % 50) + 10}:${(number % 47) + 10}.${(number % 900) + 100}+000" date="11-28-2026" ` +
    `component="apply-image" context="" type="1" thread="${number % 5000}" file="">\n`
  );
})
  .join('')
  .slice(0, LOG_CHUNK_BYTES);

const fact = {
  kind: 'step-finished',
  stepId: StepId.parse('0'),
  name: 'Apply the operating system image',
  attempt: 1,
  code: 0,
  succeeded: true,
  variables: [{ name: '_SMSTSLastActionRetCode', value: '0', secret: false }],
  durationMs: 4200,
};

/** One machine with a run: what it sent, and what the server said that it has. */
export class BenchAgent {
  readonly runId = RunId.parse(randomUUID());
  /** Last event that was sent, and last that was acknowledged. */
  sent = 0;
  have = 0;
  logBytes = 0;
  readonly #connection: AgentConnection;
  readonly #identity: unknown;
  #resumeToken: string | undefined;

  constructor(server: AgentServer, number: number) {
    this.#connection = new AgentConnection(server, generateKeyPairSync('ed25519').privateKey);
    this.#identity = {
      smbiosGuid: null,
      macAddresses: [MacAddress.parse((0x020000000000 + number).toString(16).padStart(12, '0'))],
      serialNumber: `BENCH-${number}`,
      assetTag: null,
      manufacturer: 'Dell Inc.',
      model: 'Latitude 7450',
      architecture: 'x64',
      firmware: 'uefi',
      secureBoot: true,
      memoryBytes: 16 * 1024 ** 3,
    };
  }

  /** Connects, proves its key, and is told what to do. @throws {Error} on anything but a good answer */
  async start(): Promise<Policy> {
    await this.#connection.open();
    this.#connection.setToken();
    const registered = Registered.parse(
      good(
        await this.#connection.call('POST', agentPaths.register, {
          identity: this.#identity,
          environment: 'linux-pe',
          agentVersion: '0.1.0',
          ...(this.#resumeToken === undefined
            ? {}
            : { resume: { runId: this.runId, resumeToken: this.#resumeToken } }),
        }),
      ),
    );
    this.#connection.setToken({ text: registered.token, key: registered.tokenKey ?? '' });
    return Policy.parse(good(await this.#connection.call('GET', agentPaths.policy)));
  }

  /** Has a run granted. */
  async startRun(deploymentId: string): Promise<void> {
    const grant = good(
      await this.#connection.call('POST', agentPaths.runs, { runId: this.runId, deploymentId }),
    );
    this.#resumeToken = String(Reflect.get(Object(grant), 'resumeToken'));
  }

  /** Posts events that follow the last acknowledged one. */
  async postEvents(count: number): Promise<void> {
    const events = Array.from({ length: count }, (_, index) => ({
      runId: this.runId,
      seq: this.have + 1 + index,
      atMs: 1,
      fact,
    }));
    this.sent = Math.max(this.sent, this.have + count);
    const answer = await this.#connection.call('POST', agentPaths.events(this.runId), { events });
    this.have = EventAck.parse(good(answer)).have;
  }

  async postLog(): Promise<void> {
    const answer = await this.#connection.call('POST', agentPaths.log(this.runId), {
      offset: this.logBytes,
      text: chunk,
    });
    this.logBytes = LogAck.parse(good(answer)).have;
  }

  close(): void {
    this.#connection.close();
  }
}

function good({ status, text }: Answer): unknown {
  if (status !== 200) throw new Error(`answered ${status}: ${text}`);
  return JSON.parse(text);
}
