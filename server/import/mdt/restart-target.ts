/**
 * Restarts of MDT do not say where they lead: LTIApply has changed the boot entries before, and after an
 * image was applied the disk has a new system that Windows Setup finishes first. Here a step says it. So
 * the order of the steps is looked at once, and what was found is put into each restart.
 */
import type { MappedStep } from '../map-step.ts';
import type { SourceNode, SourceSequence, SourceStep } from '../source-sequence.ts';
import type { StepReader } from '../step-reader.ts';
import { hasSwitch, scriptIn } from './script-name.ts';
import { equivalent } from './step-parts.ts';

const PROPERTY = 'MdtRestartTarget';
const REBOOT = /RebootAction$/i;

type Target = 'pe' | 'new-system';

/** A sequence of MDT, its restarts with where they lead. Others are returned as they are. */
export function withRestartTargets(sequence: SourceSequence): SourceSequence {
  if (sequence.format !== 'mdt') return sequence;
  let next: Target | undefined;
  const walk = (nodes: readonly SourceNode[]): SourceNode[] =>
    nodes.map((node) => {
      if (node.kind === 'group') {
        const before = next;
        const inner = { ...node, nodes: walk(node.nodes) };
        if (node.disabled) next = before;
        return inner;
      }
      const target = next;
      next = after(node, next);
      return REBOOT.test(node.type ?? '') && target !== undefined && !saysWindowsPe(node)
        ? withTarget(node, target)
        : node;
    });
  return { ...sequence, nodes: walk(sequence.nodes) };
}

/** Where the next restart leads, after this step. */
function after(step: SourceStep, before: Target | undefined): Target | undefined {
  if (step.disabled) return before;
  if (REBOOT.test(step.type ?? '')) return undefined;
  const script = scriptIn(step.action);
  if (script?.name === 'psdapplywinpe') return 'pe';
  if (script?.name !== 'ltiapply' && script?.name !== 'psdapplyos') return before;
  if (hasSwitch(script, 'pe')) return 'pe';
  return hasSwitch(script, 'post') ? before : 'new-system';
}

function saysWindowsPe({ variables }: SourceStep): boolean {
  return variables.some(
    ({ name, property, value }) =>
      /^(?:SMSReboot)?Target$/i.test(property ?? name) && /^winpe$/i.test(value.trim()),
  );
}

function withTarget(step: SourceStep, value: Target): SourceStep {
  return { ...step, variables: [...step.variables, { name: PROPERTY, property: PROPERTY, value }] };
}

/** The restart of a step that leads to Windows PE or to a new system; undefined for any other step. */
export function restartTarget(reader: StepReader): MappedStep | undefined {
  const target = reader.text(PROPERTY);
  if (target === undefined) return undefined;
  const message = reader.text('Message', 'SMSRebootMessage') ?? '';
  const delay = reader.number('MessageTimeout', 'SMSRebootTimeout');
  reader.ignore('Target', 'SMSRebootTarget');
  const notice = {
    ...(message === '' ? {} : { message: message.slice(0, 512) }),
    ...(delay === undefined ? {} : { delaySeconds: delay }),
  };
  if (target === 'new-system' && message !== '')
    reader.need({
      kind: 'setting',
      message: `Its message is not shown: ${message.slice(0, 200)}`,
    });
  if (target === 'new-system')
    return equivalent(
      'The restart after the image was applied goes through Windows Setup: Setup Windows and ConfigMgr does that',
      { type: 'setup-windows', params: {} },
    );
  return equivalent('The steps before have made this restart one to Windows PE', {
    type: 'restart',
    params: { target: 'pe', ...notice },
  });
}
