import { describe, expect, it } from 'vitest';
import { setDynamicVariables } from '#agent/steps/set-dynamic-variables.ts';
import type { SourceNode, SourceSequence, SourceStep } from '../source-sequence.ts';
import { withRestartTargets } from './restart-target.ts';
import { mdtStart } from './start-step.ts';
import { mapMdtGiven, runs } from './testing/map-mdt-given.ts';
import { runRules } from './testing/run-rules.ts';

const base = {
  description: '',
  disabled: false,
  continueOnError: false,
  condition: [],
  attributes: {},
  comments: [],
  unknown: [],
};
const step = (name: string, action: string, more: Partial<SourceStep> = {}): SourceStep => ({
  ...base,
  kind: 'step',
  name,
  type: undefined,
  action,
  variables: [],
  ...more,
});
const restart = (name: string, target = ''): SourceStep =>
  step(name, 'smsboot.exe /target:WinPE', {
    type: 'SMS_TaskSequence_RebootAction',
    variables: [{ name: 'SMSRebootTarget', property: 'Target', value: target }],
  });
const group = (name: string, ...nodes: SourceNode[]): SourceNode => ({
  ...base,
  kind: 'group',
  name,
  nodes,
});
const sequence = (...nodes: SourceNode[]): SourceSequence => ({
  format: 'mdt',
  from: 'ts.xml',
  name: 'Lab 100%',
  description: '',
  id: 'LAB',
  properties: {},
  globals: [],
  references: [],
  nodes,
});

/** Each restart with where it was found to lead. */
function targets(nodes: readonly SourceNode[]): string[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'group') return targets(node.nodes);
    if (!/Reboot/.test(node.type ?? '')) return [];
    const found = node.variables.find(({ name }) => name === 'MdtRestartTarget')?.value;
    return [`${node.name}: ${found ?? 'as it says'}`];
  });
}

describe('M24 restarts of MDT', () => {
  it('lead to Windows PE after LTIApply /PE, and to the new system after an image', () => {
    const { nodes } = withRestartTargets(
      sequence(
        // As MDT's templates part them: for a refresh alone, and not for a new computer.
        group('Refresh', step('PE', runs('LTIApply.wsf" /PE'))),
        group('Refresh', restart('to PE')),
        restart('first'),
        group('Install', step('Image', runs('LTIApply.wsf"'), { type: 'BDD_InstallOS' })),
        group('Postinstall', restart('to Windows')),
        restart('later'),
        { ...group('Off', step('PE', runs('LTIApply.wsf" /PE'))), disabled: true },
        group(
          'Capture',
          restart('not there'),
          step('Sysprep', runs('LTISysprep.wsf"')),
          step('PE', 'cscript.exe "%_SMSTSMDataPath%\\Scripts\\LTIApply.wsf" /PE /BCD'),
          restart('to capture'),
        ),
        step('Off', runs('LTIApply.wsf" /PE'), { disabled: true }),
        restart('said', 'WinPE'),
      ),
    );
    expect(targets(nodes)).toEqual([
      'to PE: pe',
      'first: as it says',
      'to Windows: new-system',
      'later: as it says',
      'not there: as it says',
      'to capture: pe',
      'said: as it says',
    ]);
  });

  it('are those of Configuration Manager as they are', () => {
    const source: SourceSequence = {
      ...sequence(step('PE', runs('LTIApply.wsf" /PE')), restart('x')),
      format: 'configmgr',
    };
    expect(withRestartTargets(source)).toBe(source);
  });

  it('are steps of their kind', () => {
    const map = (target: string) =>
      mapMdtGiven({
        type: 'SMS_TaskSequence_RebootAction',
        properties: { Message: 'Soon', MessageTimeout: '30', Target: '', MdtRestartTarget: target },
      });
    expect(map('pe')).toMatchObject({
      params: { target: 'pe', message: 'Soon', delaySeconds: 30 },
      unread: [],
    });
    expect(map('new-system')).toMatchObject({ types: ['setup-windows'], unread: [] });
    expect(mapMdtGiven({ type: 'SMS_TaskSequence_RebootAction' })).toBe(undefined);
  });

  it('are there where Lite Touch begins: with phase and kind of deployment', () => {
    const none = { share: undefined, names: new Map<string, string>() };
    const start = mdtStart(sequence(step('Next Phase', runs('ZTINextPhase.wsf"'))), none);
    expect(JSON.stringify(start)).toContain('{"name":"PHASE","value":"VALIDATION"}');
    expect(JSON.stringify(start)).toContain('{"name":"TaskSequenceName","value":"Lab 100"}');
    expect(start.needs).toEqual([expect.objectContaining({ kind: 'reference' })]);
    expect(mdtStart(sequence(step('Anything', 'setup.exe')), none).nodes).toEqual([]);
  });

  it.each([
    [{ _SMSTSInWinPE: 'true' }, 'PREINSTALL', 'NEWCOMPUTER'],
    [{ _SMSTSInWinPE: 'false' }, 'VALIDATION', 'REFRESH'],
    [{ _SMSTSInWinPE: 'true', PHASE: 'CUSTOM', DeploymentType: 'CUSTOM' }, 'CUSTOM', 'CUSTOM'],
    [{ _SMSTSInWinPE: 'false', IsOSUpgrade: '1' }, undefined, 'UPGRADE'],
  ])('begin with %j in the phase %s as %s', (variables, phase, kind) => {
    const none = { share: undefined, names: new Map<string, string>() };
    const { nodes } = mdtStart(sequence(step('Next Phase', runs('ZTINextPhase.wsf"'))), none);
    const { rules } = setDynamicVariables.params.parse(nodes[0]?.['params']);
    const result = runRules(rules, variables);
    expect([result.get('PHASE'), result.get('DEPLOYMENTTYPE')]).toEqual([phase, kind]);
  });
});
