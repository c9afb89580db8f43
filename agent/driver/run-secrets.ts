import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { RunId } from '../protocol/identity.ts';
import type { RunEvent, RunFact, VariableChange } from '../protocol/run-event.ts';
import { SequenceError } from '../sequence/sequence-error.ts';

const PREFIX = 'sealed:1:';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/**
 * Seals values of secret variables under the key of the run, which the server keeps and gives with the
 * grant: so they lie in the journal and in the server's history, and no copy of either tells them.
 * AES-256-GCM, bound to the run and to the variable's name.
 */
export class RunSecrets {
  readonly #runId: RunId;
  readonly #key: Buffer;

  /** @param key 32 bytes as base64. @throws {SequenceError} `run.secrets-key` */
  constructor(runId: RunId, key: string) {
    this.#runId = runId;
    this.#key = Buffer.from(key, 'base64');
    if (this.#key.length !== KEY_BYTES)
      throw new SequenceError(
        'run.secrets-key',
        `The key of run ${runId} has ${this.#key.length} bytes`,
        {
          hint: 'The server granted the run without a key for its secrets: update the server.',
        },
      );
  }

  /** The change as it may be kept anywhere; one that is not secret, or deletes, stays as it is. */
  seal(change: VariableChange): VariableChange {
    if (!change.secret || change.value === '') return change;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    cipher.setAAD(this.#bound(change.name));
    const sealed = Buffer.concat([cipher.update(change.value, 'utf8'), cipher.final()]);
    const bytes = Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
    return { ...change, value: PREFIX + bytes.toString('base64') };
  }

  /** The event with its secrets in the clear, for memory only. @throws {SequenceError} `run.secret` */
  unseal(event: RunEvent): RunEvent {
    const { fact } = event;
    if (fact.kind !== 'run-started' && fact.kind !== 'step-finished') return event;
    if (!fact.variables.some(({ secret }) => secret)) return event;
    const variables = fact.variables.map((change) => this.#open(change));
    return { ...event, fact: { ...fact, variables } satisfies RunFact };
  }

  #open(change: VariableChange): VariableChange {
    if (!change.secret || change.value === '') return change;
    try {
      if (!change.value.startsWith(PREFIX)) throw new Error('it is not sealed');
      const bytes = Buffer.from(change.value.slice(PREFIX.length), 'base64');
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(this.#bound(change.name));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      const value = Buffer.concat([plain, decipher.final()]).toString('utf8');
      return { ...change, value };
    } catch (error) {
      throw new SequenceError(
        'run.secret',
        `Cannot open the secret variable ${change.name} of run ${this.#runId}: ${error instanceof Error ? error.message : String(error)}`,
        { hint: 'The journal was changed, or the server has another key for this run.' },
      );
    }
  }

  #bound(name: string): Buffer {
    return Buffer.from(`${this.#runId}\0${name.trim().toLowerCase()}`);
  }
}
