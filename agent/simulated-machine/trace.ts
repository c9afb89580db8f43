import type { Environment } from '#agent/protocol/policy.ts';
import type { RunEvent, StepId } from '#agent/protocol/run-event.ts';
import type { RunState } from '#agent/sequence/state.ts';
import type { SequenceNode, StepRegistry, TaskSequence } from '#agent/sequence/task-sequence.ts';
import { HIDDEN } from '#agent/sequence/variables.ts';
import type { StepAsk } from './drive.ts';
import type { SimulatedNode } from './report.ts';
import { SecretValues } from './secret-values.ts';
import { settingText } from './setting-text.ts';

const MAX_SETTING = 1000;

/** What is known of a node that the run came to. */
type Reached = Pick<SimulatedNode, 'attempts' | 'setting' | 'unknownVariables' | 'variables'> & {
  -readonly [Key in 'condition' | 'environment' | 'code' | 'error' | 'restart']: SimulatedNode[Key];
} & { outcome: 'runs' | 'fails' | 'skipped'; reason: string; stoppedBy: string };

/** Follows a run event by event, and tells of each node of the document what became of it. */
export class Trace {
  readonly #reached = new Map<string, Reached>();
  readonly #answered: ReadonlyMap<string, unknown>;
  readonly #madeUp: ReadonlySet<string>;
  #ask: StepAsk | undefined;
  #environment: Environment | null = null;
  #last: Reached | undefined;
  readonly #secrets = new SecretValues();
  restarts = 0;
  /** The step after which the machine has nothing to come back to. */
  refusedAt: { readonly id: StepId; readonly name: string } | null = null;

  /**
   * @param answered ids of nodes whose condition somebody answered
   * @param madeUp ids of packages that have none of their own: nobody is to see them
   */
  constructor(answered: ReadonlyMap<string, unknown>, madeUp: ReadonlySet<string>) {
    this.#answered = answered;
    this.#madeUp = madeUp;
  }

  /** A text without the secret values of the run. */
  hide(text: string): string {
    return this.#secrets.hide(text);
  }

  onStep(ask: StepAsk, environment: Environment): void {
    this.#ask = ask;
    this.#environment = environment;
  }

  onEvent({ fact }: RunEvent, state: RunState): void {
    switch (fact.kind) {
      case 'condition-answered': {
        const { verdict, detail, stepId } = fact;
        this.#at(stepId).condition = { verdict, detail, answered: this.#answered.has(stepId) };
        return;
      }
      case 'step-skipped': {
        const node = this.#at(fact.stepId);
        node.outcome = 'skipped';
        node.reason = fact.reason === 'disabled' ? 'disabled' : 'its condition is false';
        return;
      }
      case 'group-entered':
        this.#at(fact.stepId);
        return;
      case 'group-left': {
        const node = this.#at(fact.stepId);
        node.outcome = fact.succeeded ? 'runs' : 'fails';
        if (!fact.succeeded) node.stoppedBy = state.lastFailure?.name ?? '';
        return;
      }
      case 'run-started':
        this.#secrets.add(fact.variables);
        return;
      case 'step-started':
      case 'disk-chosen':
      case 'step-interrupted':
      case 'run-finished':
        return;
      case 'step-finished':
        this.#finish(fact, state);
        return;
      case 'restart-requested':
        this.restarts++;
        if (this.#last !== undefined) {
          const { next, delayMs } = fact;
          this.#last.restart = { next, delayMs, environment: null, refused: null };
        }
        return;
      case 'restart-refused':
        if (this.#last !== undefined && this.#ask !== undefined) {
          const { next, error } = fact;
          this.#last.restart = { next, delayMs: 0, environment: null, refused: error };
          this.refusedAt = { id: this.#ask.stepId, name: this.#ask.name };
        }
        return;
      case 'resumed':
        if (this.#last?.restart) {
          const { environment } = state;
          this.#last.restart = { ...this.#last.restart, environment };
        }
    }
  }

  #finish(fact: RunEvent['fact'] & { readonly kind: 'step-finished' }, state: RunState): void {
    const ask = this.#ask;
    const isSecret = (name: string): boolean => state.variables.get(name)?.secret === true;
    const changes = fact.variables.map((change) => ({
      ...change,
      secret: change.secret || isSecret(change.name),
    }));
    // A value that this step makes secret is hidden in its own settings too.
    this.#secrets.add(changes);
    const node: Reached = {
      ...this.#at(fact.stepId),
      outcome: fact.succeeded ? 'runs' : 'fails',
      environment: this.#environment,
      setting:
        ask === undefined
          ? ''
          : cut(this.hide(settingText(this.#withoutIds(ask.params), ask.variables))),
      unknownVariables: [...(ask?.unknownVariables ?? [])],
      variables: changes.map(({ name, value, secret }) => ({
        name,
        value: secret && value !== '' ? HIDDEN : this.hide(value),
        secret,
        changed: (ask?.variables.value(name) ?? '').toLowerCase() !== value.toLowerCase(),
      })),
      code: fact.code,
      error: fact.error ?? null,
      attempts: fact.attempt,
    };
    this.#reached.set(fact.stepId, node);
    this.#last = node;
  }

  #withoutIds(params: unknown): unknown {
    if (this.#madeUp.size === 0 || typeof params !== 'object' || params === null) return params;
    const isMadeUp = (value: unknown): boolean =>
      typeof value === 'object' &&
      value !== null &&
      'id' in value &&
      this.#madeUp.has(String(value.id));
    return Object.fromEntries(
      Object.entries(params).map(([key, value]) => [
        key,
        isMadeUp(value) ? { ...value, id: undefined } : value,
      ]),
    );
  }

  #at(id: string): Reached {
    const found = this.#reached.get(id);
    if (found !== undefined) return found;
    const made: Reached = { ...untouched };
    this.#reached.set(id, made);
    return made;
  }

  /** All nodes of the document, those not reached too. @param ended why the run did not come to the rest */
  nodes(sequence: TaskSequence, registry: StepRegistry, ended: string): SimulatedNode[] {
    const nodes: SimulatedNode[] = [];
    const walk = (list: readonly SequenceNode[], around: Around): number => {
      let steps = 0;
      for (const node of list) {
        const reached = this.#reached.get(node.id);
        const place = nodes.length;
        const forgiver = node.continueOnError ? node.name : around.forgiver;
        const made = nodeReport(node, registry, reached, around);
        nodes.push(reached?.outcome === 'fails' ? { ...made, toleratedBy: forgiver } : made);
        if (node.kind === 'step') {
          steps++;
          continue;
        }
        const inside = walk(node.steps, {
          depth: around.depth + 1,
          forgiver,
          stopped: reached === undefined ? around.stopped : stopOf(node, reached, ended),
          isSkipped: around.isSkipped || reached?.outcome === 'skipped',
        });
        nodes[place] = { ...(nodes[place] ?? made), steps: inside };
        steps += inside;
      }
      return steps;
    };
    walk(sequence.steps, { depth: 0, forgiver: null, stopped: ended, isSkipped: false });
    return nodes;
  }
}

/** After secrets are hidden: half of one would not be known for what it is. */
function cut(text: string): string {
  return text.length > MAX_SETTING ? `${text.slice(0, MAX_SETTING - 1)}…` : text;
}

interface Around {
  readonly depth: number;
  /** The nearest node around that continues on error. */
  readonly forgiver: string | null;
  /** Why what was not reached was not. */
  readonly stopped: string;
  /** In a group that is skipped. */
  readonly isSkipped: boolean;
}

const untouched: Reached = {
  outcome: 'runs',
  reason: '',
  stoppedBy: '',
  condition: null,
  environment: null,
  setting: '',
  variables: [],
  unknownVariables: [],
  code: null,
  error: null,
  attempts: 0,
  restart: null,
};

function stopOf({ name }: SequenceNode, { outcome, stoppedBy }: Reached, ended: string): string {
  if (outcome === 'skipped') return `"${name}" is skipped`;
  return outcome === 'fails' ? `"${name}" has failed at "${stoppedBy}"` : ended;
}

function nodeReport(
  node: SequenceNode,
  registry: StepRegistry,
  reached: Reached | undefined,
  { depth, stopped, isSkipped }: Around,
): SimulatedNode {
  const { stoppedBy: _stoppedBy, ...known } = reached ?? untouched;
  const child = node.kind === 'group' ? node.child : undefined;
  return {
    ...known,
    id: node.id,
    name: node.name,
    kind: node.kind === 'step' ? 'step' : child === undefined ? 'group' : 'child',
    depth,
    type: node.kind === 'step' ? node.type : '',
    title: node.kind === 'step' ? (registry[node.type]?.title ?? node.type) : '',
    child: child === undefined ? null : { id: child.id, name: child.name, version: child.version },
    outcome: reached?.outcome ?? (isSkipped ? 'in-skipped-group' : 'not-reached'),
    reason: reached === undefined ? stopped : known.reason,
    toleratedBy: null,
    steps: 0,
  };
}
