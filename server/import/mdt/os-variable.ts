/**
 * Install Operating System of MDT takes its drive from a variable that Format and Partition Disk sets. Where
 * the disk is partitioned and nothing sets that very variable, it names none: what was found is put into the
 * step, and the image goes to the next partition.
 */
import type { SourceNode, SourceSequence, SourceStep } from '../source-sequence.ts';
import type { StepReader } from '../step-reader.ts';

/** The property that the steps get. */
export const KNOWN_VARIABLES = 'MdtKnownVariables';
const INSTALLS = /^BDD_InstallOS$/i;
const PARTITIONS = /PartitionDiskAction$/i;
/** What names variables: of partitions, of Set Variable, of rules. */
const NAMES = /VolumeLetterVariable$|^VariableName$|^Rules$/i;

/** A sequence of MDT, its installing steps with the variables that its steps set. Others are returned as they are. */
export function withKnownVariables(sequence: SourceSequence): SourceSequence {
  if (sequence.format !== 'mdt') return sequence;
  const steps = [...stepsIn(sequence.nodes)];
  if (!steps.some(({ type }) => PARTITIONS.test(type ?? ''))) return sequence;
  const set = steps.flatMap(({ variables }) =>
    variables.filter(({ name, property = name }) => NAMES.test(property)),
  );
  const value = set.map((each) => each.value.trim()).join('\n');
  return { ...sequence, nodes: sequence.nodes.map((node) => withVariables(node, value)) };
}

/** Whether a variable has no value where the step runs, as far as the sequence says. */
export function isNeverSet(reader: StepReader, variable: string): boolean {
  const known = reader.step.variables.find(({ name }) => name === KNOWN_VARIABLES);
  const inText = new RegExp(`(?<![\\w-])${variable}(?![\\w-])`, 'i');
  return known !== undefined && !inText.test(known.value);
}

function withVariables(node: SourceNode, value: string): SourceNode {
  if (node.kind === 'group')
    return { ...node, nodes: node.nodes.map((each) => withVariables(each, value)) };
  if (!INSTALLS.test(node.type ?? '')) return node;
  return {
    ...node,
    variables: [...node.variables, { name: KNOWN_VARIABLES, property: KNOWN_VARIABLES, value }],
  };
}

function* stepsIn(nodes: readonly SourceNode[]): Generator<SourceStep> {
  for (const node of nodes)
    if (node.kind === 'step') yield node;
    else yield* stepsIn(node.nodes);
}
