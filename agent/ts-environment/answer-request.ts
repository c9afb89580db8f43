import { StepError } from '../sequence/step.ts';
import type { StepVariables } from '../sequence/step-variables.ts';
import type { ListedVariable, Shown, TsAnswer, TsRequest } from './messages.ts';
import { parseRequest } from './request.ts';

/**
 * What the scripts of one step may set in all, in bytes of its event. The journal reserves 256 KiB for a
 * step (journal.ts): a script must not make a step that cannot be recorded.
 */
const MAX_SET_BYTES = 192 * 1024;
/** Braces, names of fields and the seal of one change. */
const CHANGE_BYTES = 120;

/** Answers the requests of the scripts of one step, on its variables. */
export class RequestAnswerer {
  readonly #variables: StepVariables;
  readonly #show: (shown: Shown) => void;
  readonly #sizes = new Map<string, number>();
  #setBytes = 0;

  /** @param show gets what scripts show to people */
  constructor(variables: StepVariables, show: (shown: Shown) => void = () => {}) {
    this.#variables = variables;
    this.#show = show;
  }

  /** The answer to one line. */
  async answer(line: string): Promise<TsAnswer> {
    const request = parseRequest(line);
    if ('kind' in request) return request;
    switch (request.op) {
      case 'get':
        return await this.#get(request.name);
      case 'set':
        return this.#set(request);
      case 'list':
        return { kind: 'list', variables: this.#list(request.values) };
      case 'show':
        this.#show(request);
        return { kind: 'done' };
    }
  }

  /** A secret that is given step by step is asked for now: no other way tells what a script reads. */
  async #get(name: string): Promise<TsAnswer> {
    try {
      await this.#variables.reveal([name]);
    } catch (error) {
      return toldError(error);
    }
    const found = this.#variables.get(name);
    if (found === undefined) return { kind: 'not-set' };
    return { kind: 'variable', value: found.value, secret: found.secret };
  }

  #set({ name, value, secret }: TsRequest & { readonly op: 'set' }): TsAnswer {
    const key = name.trim().toLowerCase();
    const size = sizeOf(name, value);
    // A secret that is replaced stays known to the step, so that it is hidden: it goes on counting.
    const replaced = this.#variables.get(name)?.secret === true ? 0 : (this.#sizes.get(key) ?? 0);
    const total = this.#setBytes - replaced + size;
    if (total > MAX_SET_BYTES)
      return {
        kind: 'error',
        code: 'ts.too-much',
        message: `The scripts of one step may set ${MAX_SET_BYTES} bytes of variables, this would make ${total}`,
        hint: 'Keep large data in a file, and its path in the variable.',
      };
    try {
      this.#variables.set(name, value, { secret });
    } catch (error) {
      return toldError(error);
    }
    this.#sizes.set(key, size);
    this.#setBytes = total;
    return { kind: 'done' };
  }

  #list(values: boolean): ListedVariable[] {
    return [...this.#variables]
      .map(({ name, secret, value }) => ({ name, secret, ...(values && !secret && { value }) }))
      .sort((one, other) => (one.name.toLowerCase() < other.name.toLowerCase() ? -1 : 1));
  }
}

function toldError(error: unknown): TsAnswer {
  if (!(error instanceof StepError)) throw error;
  const { code, message, hint } = error;
  return { kind: 'error', code, message, ...(hint === undefined ? {} : { hint }) };
}

/** At most so much of an event: as JSON text, or sealed and in base64. */
function sizeOf(name: string, value: string): number {
  const plain = Buffer.byteLength(JSON.stringify(value));
  const sealed = Math.ceil((Buffer.byteLength(value) * 4) / 3);
  return CHANGE_BYTES + Buffer.byteLength(name) + Math.max(plain, sealed);
}
