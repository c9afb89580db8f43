import type { DocumentNode, ImportNeed, ImportReference } from '../map-step.ts';
import type { SourceSequence } from '../source-sequence.ts';
import type { ImportContext } from '../step-reader.ts';
import { type DynamicRule, equals, notExists } from './rules/rule-parts.ts';
import { ruleSteps, rulesNeed } from './rules/rule-steps.ts';
import { gathering } from './steps/gather.ts';

const set = (
  name: string,
  value: string,
  ...conditions: readonly NonNullable<DynamicRule['condition']>[]
): DynamicRule => ({
  condition: { all: [notExists(name), ...conditions] },
  variables: [{ name, value }],
});

/** What stands before the steps of a sequence, and what there is to tell of it. */
export interface MdtStart {
  readonly nodes: readonly DocumentNode[];
  readonly needs: readonly ImportNeed[];
  readonly references: readonly ImportReference[];
}

/** In the order in which MDT processes them. The first is for the boot image, and may be missing. */
const BOOTSTRAP = 'Bootstrap.ini';
const RULES = 'CustomSettings.ini';

/**
 * What MDT's LiteTouch.wsf does before the first step of a task sequence: it sets the phase and the kind of
 * the deployment, gathers, and processes the rules of the share. Nothing for a sequence that does not go by
 * phases.
 */
export function mdtStart(
  { format, name, id, nodes }: SourceSequence,
  { share, names }: Pick<ImportContext, 'share' | 'names'>,
): MdtStart {
  if (format !== 'mdt' || !/\bPHASE\b|NextPhase/i.test(JSON.stringify(nodes)))
    return { nodes: [], needs: [], references: [] };
  const begin: DocumentNode = {
    step: 'Begin as Lite Touch does',
    type: 'set-dynamic-variables',
    description: 'MDT sets the phase and the kind of the deployment before the first step.',
    params: { rules: startRules(name, id) },
  };
  const references: ImportReference[] = [];
  const applicationName = (guid: string): string => {
    const known = names.get(guid.toLowerCase());
    references.push({
      sourceId: guid,
      kind: 'application',
      name: known ?? guid,
      isNamed: known !== undefined,
    });
    return known ?? guid;
  };
  const found = share && ruleSteps(share, RULES, applicationName);
  if (share === undefined || found === undefined)
    return { nodes: [begin], needs: [rulesNeed(RULES)], references };
  const first = ruleSteps(share, BOOTSTRAP, applicationName);
  const actions = [...gathering, ...(first?.actions ?? []), ...found.actions];
  const rules: DocumentNode = {
    group: `Gather, and process the rules of ${RULES}`,
    description: 'MDT does so before the first step, and before its wizard asks.',
    steps: actions.map(({ name: step = RULES, ...action }) => ({ step, ...action })),
  };
  return { nodes: [begin, rules], needs: [...(first?.needs ?? []), ...found.needs], references };
}

function startRules(name: string, id: string | undefined): readonly DynamicRule[] {
  const inPe = equals('_SMSTSInWinPE', 'true');
  return [
    // What begins in Windows PE has no state to capture: its first phase is the third.
    set('PHASE', 'PREINSTALL', inPe),
    set('PHASE', 'VALIDATION'),
    set('DeploymentType', 'NEWCOMPUTER', inPe),
    set('DeploymentType', 'REFRESH'),
    {
      condition: { all: [equals('IsOSUpgrade', '1'), equals('_SMSTSInWinPE', 'false')] },
      variables: [
        { name: 'DeploymentType', value: 'UPGRADE' },
        { name: 'PHASE', value: '' },
      ],
    },
    set('DeploymentMethod', 'UNC'),
    ...(name.trim() === '' ? [] : [set('TaskSequenceName', name.replaceAll('%', ''))]),
    ...(id === undefined || id.trim() === ''
      ? []
      : [set('TaskSequenceID', id.replaceAll('%', ''))]),
  ];
}
