import { z } from 'zod';
import { RUN_SEQUENCE, SequenceReference } from '#agent/sequence/child-sequence.ts';
import { isOpen } from '#agent/sequence/condition/fields.ts';
import { branchOf, expressionsOf } from '#agent/sequence/condition/tree.ts';
import { type Condition, evaluateCondition } from '#agent/sequence/condition.ts';
import { documentPath } from '#agent/sequence/document-path.ts';
import type { SequenceNode, StepNode } from '#agent/sequence/task-sequence.ts';
import { Variables } from '#agent/sequence/variables.ts';
import { unansweredClass } from '#agent/sequence/wql/answer.ts';
import { checkReadiness } from '#agent/steps/check-readiness.ts';
import { preProvisionBitLocker } from '#agent/steps/pre-provision-bitlocker.ts';
import { prepareWindows } from '#agent/steps/prepare-windows.ts';
import { restart } from '#agent/steps/restart.ts';
import { runCommand } from '#agent/steps/run-command.ts';
import { runPowerShell } from '#agent/steps/run-powershell.ts';
import { setupWindows } from '#agent/steps/setup-windows.ts';

/** Where a run can be when it comes to a step. */
export type RunPlace = 'pe' | 'full-os';
/** Whether a node is come to, by where the run is; undefined where only the machine can tell. */
type RunsIn = Readonly<Record<RunPlace, boolean | undefined>>;
/** What a step or condition needs of a Windows PE; the components are those of `boot-image-problems.ts`. */
export type PeNeed = 'powershell' | 'bitlocker' | 'scripting' | 'hta' | 'wmi';

/** One enabled node, as far as it has to do with the boot image: in the order of the run. */
export type CourseEntry = {
  /** Place in the document: `steps[0]`. */
  readonly path: string;
  readonly step: string;
  readonly runs: RunsIn;
} & (
  | {
      readonly kind: 'need';
      readonly need: PeNeed;
      /** Class that a condition asks WMI for; null for what a step does. */
      readonly wmiClass: string | null;
      /** Whether the run goes on without it: an error of the step is forgiven, or it may work all the same. */
      readonly forgiven: boolean;
    }
  | { readonly kind: 'move'; readonly to: RunPlace }
  | { readonly kind: 'child'; readonly reference: SequenceReference; readonly forgiven: boolean }
);

const EVERYWHERE: RunsIn = { pe: true, 'full-os': true };

/** What the enabled steps of a document need of a Windows PE, and where they lead to. */
export function courseOf(nodes: readonly SequenceNode[]): readonly CourseEntry[] {
  return [...entriesOf(nodes, '', { runs: EVERYWHERE, forgiven: false })];
}

interface Around {
  readonly runs: RunsIn;
  readonly forgiven: boolean;
}

function* entriesOf(
  nodes: readonly SequenceNode[],
  base: string,
  around: Around,
): Generator<CourseEntry> {
  for (const [index, node] of nodes.entries()) {
    if (node.disabled) continue;
    const path = documentPath(base, ['steps', index]);
    const at = { path, step: node.name };
    if (node.condition !== undefined)
      for (const wmiClass of classesOf(node.condition))
        yield { ...at, runs: around.runs, kind: 'need', need: 'wmi', wmiClass, forgiven: true };
    const runs = both(around.runs, verdictsOf(node.condition));
    const forgiven = around.forgiven || node.continueOnError;
    if (node.kind === 'group') yield* entriesOf(node.steps, path, { runs, forgiven });
    else yield* entriesOfStep(node, { ...at, runs }, forgiven);
  }
}

function* entriesOfStep(
  { type, params }: StepNode,
  at: Pick<CourseEntry, 'path' | 'step' | 'runs'>,
  forgiven: boolean,
): Generator<CourseEntry> {
  const need = (wanted: PeNeed, isForgiven: boolean): CourseEntry => ({
    ...at,
    kind: 'need',
    need: wanted,
    wmiClass: null,
    forgiven: isForgiven,
  });
  switch (type) {
    case runPowerShell.type:
      yield need('powershell', forgiven);
      break;
    case checkReadiness.type:
      // Nothing but WMI tells of a battery there.
      if (params['acPower'] === true || params['acPower'] === 'true') yield need('wmi', forgiven);
      break;
    case preProvisionBitLocker.type:
      // Without a TPM there is nothing to do, unless it says that this is an error.
      yield need('bitlocker', forgiven || params['skipWithoutTpm'] !== false);
      break;
    case runCommand.type: {
      const wanted = programOf(params['commandLine']);
      // The program may be another one of that name, of a package.
      if (wanted !== undefined) yield need(wanted, true);
      break;
    }
    case setupWindows.type:
      yield { ...at, kind: 'move', to: 'full-os' };
      break;
    case prepareWindows.type:
      yield { ...at, kind: 'move', to: 'pe' };
      break;
    case restart.type:
      if (params['target'] === 'pe' || params['target'] === 'hd')
        yield { ...at, kind: 'move', to: params['target'] === 'pe' ? 'pe' : 'full-os' };
      break;
    case RUN_SEQUENCE: {
      const { data } = SequenceReference.safeParse(params['sequence']);
      if (data !== undefined) yield { ...at, kind: 'child', reference: data, forgiven };
      break;
    }
    default:
  }
}

const programs: Readonly<Record<string, PeNeed>> = {
  powershell: 'powershell',
  cscript: 'scripting',
  wscript: 'scripting',
  mshta: 'hta',
  'manage-bde': 'bitlocker',
};

/** What the program of a command line comes with, by its name; also behind `cmd /c`. */
function programOf(commandLine: unknown): PeNeed | undefined {
  const { data = '' } = z.string().safeParse(commandLine);
  const line = data.trim().replace(/^"?(?:[^"\s]*\\)?cmd(?:\.exe)?"?\s+(?:\/\w\s+)*\/c\s+/i, '');
  const [, quoted, plain] = /^"?(?:"([^"]+)"|([^"\s]+))/.exec(line) ?? [];
  const name = (quoted ?? plain ?? '').split(/[\\/]/).at(-1) ?? '';
  const key = name.toLowerCase().replace(/\.(exe|wsf)$/, '');
  return Object.hasOwn(programs, key) ? programs[key] : undefined;
}

/** Classes that the agent cannot answer of itself, each once. A query that waits for a variable is not judged. */
function classesOf(condition: Condition): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { expression } of expressionsOf(condition, '')) {
    if (expression.kind !== 'wmi' || isOpen(expression.query)) continue;
    const wmiClass = unansweredClass(expression);
    if (wmiClass !== undefined) found.add(wmiClass);
  }
  return found;
}

const places: Readonly<Record<RunPlace, Variables>> = {
  pe: Variables.none.set({ name: '_SMSTSInWinPE', value: 'true', secret: false }),
  'full-os': Variables.none.set({ name: '_SMSTSInWinPE', value: 'false', secret: false }),
};

function verdictsOf(condition: Condition | undefined): RunsIn {
  if (condition === undefined) return EVERYWHERE;
  return { pe: verdictIn(condition, 'pe'), 'full-os': verdictIn(condition, 'full-os') };
}

/** The verdict by nothing but where the run is; undefined where anything else decides. */
function verdictIn(condition: Condition, place: RunPlace): boolean | undefined {
  if ('kind' in condition) {
    if (condition.kind !== 'variable' || isOpen(condition.value ?? '')) return undefined;
    return condition.variable.toLowerCase() === '_smstsinwinpe'
      ? evaluateCondition(condition, places[place]).verdict
      : undefined;
  }
  const { word, children } = branchOf(condition);
  const verdicts = children.map((child) => verdictIn(child, place));
  if (verdicts.includes(word !== 'all')) return word === 'any';
  return verdicts.includes(undefined) ? undefined : word !== 'any';
}

function both(one: RunsIn, other: RunsIn): RunsIn {
  return { pe: and(one.pe, other.pe), 'full-os': and(one['full-os'], other['full-os']) };
}

function and(one: boolean | undefined, other: boolean | undefined): boolean | undefined {
  if (one === false || other === false) return false;
  return one === undefined || other === undefined ? undefined : true;
}
