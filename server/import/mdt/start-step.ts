import type { DocumentNode } from '../map-step.ts';
import type { SourceSequence } from '../source-sequence.ts';
import { type DynamicRule, equals, notExists } from './rules/rule-parts.ts';

const set = (
  name: string,
  value: string,
  ...conditions: readonly NonNullable<DynamicRule['condition']>[]
): DynamicRule => ({
  condition: { all: [notExists(name), ...conditions] },
  variables: [{ name, value }],
});

/**
 * What MDT's LiteTouch.wsf sets before the first step of a task sequence: its phase, and what kind of
 * deployment it is. Undefined for a sequence that does not go by phases.
 */
export function mdtStart({ format, name, id, nodes }: SourceSequence): DocumentNode | undefined {
  if (format !== 'mdt' || !/\bPHASE\b|NextPhase/i.test(JSON.stringify(nodes))) return undefined;
  const rules: readonly DynamicRule[] = [
    set('PHASE', 'VALIDATION'),
    set('DeploymentType', 'NEWCOMPUTER', equals('_SMSTSInWinPE', 'true')),
    set('DeploymentType', 'REFRESH'),
    set('DeploymentMethod', 'UNC'),
    ...(name.trim() === '' ? [] : [set('TaskSequenceName', name.replaceAll('%', ''))]),
    ...(id === undefined || id.trim() === ''
      ? []
      : [set('TaskSequenceID', id.replaceAll('%', ''))]),
  ];
  return {
    step: 'Begin as Lite Touch does',
    type: 'set-dynamic-variables',
    description: 'MDT sets the phase and the kind of the deployment before the first step.',
    params: { rules },
  };
}
