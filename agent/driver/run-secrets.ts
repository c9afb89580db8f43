import { randomBytes } from 'node:crypto';
import type { RunId } from '../protocol/identity.ts';
import type { RunEvent, RunFact, VariableChange } from '../protocol/run-event.ts';
import {
  openValue,
  SEAL_NONCE_BYTES,
  type SealedPlace,
  sealValue,
} from '../protocol/sealed-value.ts';
import { SequenceError } from '../sequence/sequence-error.ts';

const KEY_BYTES = 32;

/**
 * Seals values of secret variables under the key of the run, which the server keeps and gives with the
 * grant: so they lie in the journal and in the server's history, and no copy of either tells them.
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
        { hint: 'The server granted the run without a key for its secrets: update the server.' },
      );
  }

  /** The change as it may be kept anywhere; one that is not secret, or deletes, stays as it is. */
  seal(change: VariableChange): VariableChange {
    if (!change.secret || change.value === '') return change;
    const nonce = randomBytes(SEAL_NONCE_BYTES);
    const value = sealValue({ key: this.#key, nonce }, this.#place(change), change.value);
    return { ...change, value };
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
      return { ...change, value: openValue(this.#key, this.#place(change), change.value) };
    } catch (error) {
      throw new SequenceError(
        'run.secret',
        `Cannot open the secret variable ${change.name} of run ${this.#runId}: ${error instanceof Error ? error.message : String(error)}`,
        { hint: 'The journal was changed, or the server has another key for this run.' },
      );
    }
  }

  #place({ name }: VariableChange): SealedPlace {
    return { owner: `run:${this.#runId}`, name };
  }
}
