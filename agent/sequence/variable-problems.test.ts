import { describe, expect, it } from 'vitest';
import { steps } from '../steps/index.ts';
import { editDistance } from './closest.ts';
import { parseTaskSequence } from './schema.ts';
import { SequenceError } from './sequence-error.ts';
import { catalogNames } from './variable-catalog.ts';
import { variableWarnings } from './variable-problems.ts';

const step = (type: string, params: object, rest: object = {}) => ({
  step: 'S',
  type,
  params,
  ...rest,
});
const set = (name: string, value = '1') => step('set-variable', { name, value });
const run = (params: object, rest: object = {}) =>
  step('run-command', { commandLine: 'true', ...params }, rest);
const when = (variable: string) => ({
  condition: { any: [{ kind: 'variable', variable, operator: 'exists' }] },
});

function errorsOf(...nodes: readonly object[]) {
  try {
    parseTaskSequence({ name: 'T', steps: nodes }, steps);
    return [];
  } catch (error) {
    if (!(error instanceof SequenceError)) throw error;
    return error.problems.map(({ path, code }) => [path, code]);
  }
}
const warningsOf = (...nodes: readonly object[]) =>
  variableWarnings(parseTaskSequence({ name: 'T', steps: nodes }, steps), steps);
const told = (...nodes: readonly object[]) =>
  warningsOf(...nodes).map(({ path, code, hint }) => [
    path,
    code.replace('sequence.variable-', ''),
    hint ?? '',
  ]);

describe('M11 a task sequence that sets a variable it may not', () => {
  it.each(['_SMSTSInWinPE', ' _Own', '1A', 'a b', 'x'.repeat(256).replace(/^x/, '9')])(
    'as %j is refused, also in a group or a disabled step',
    (name) => {
      const inGroup = { group: 'G', steps: [set('A'), { ...set(name), disabled: true }] };
      expect(errorsOf(set('A'), inGroup)).toEqual([
        ['steps[1].steps[1].params.name', 'sequence.variable'],
      ]);
    },
  );

  it('is told once, with the place that the document has', () => {
    const broken = { step: 'S', type: 'no-such-step' };
    expect(errorsOf(broken, run({ outputVariable: '_X' }), set('_Y'))).toEqual([
      ['steps[0].type', 'sequence.step-type'],
      ['steps[1].params.outputVariable', 'sequence.field'],
      ['steps[2].params.name', 'sequence.variable'],
    ]);
  });

  it('is let pass where the name is made of variables, and fails when it runs', () => {
    expect(errorsOf(set('%Base%01'), set('_%Base%'), run({ outputVariable: '%X%' }))).toEqual([]);
  });

  it('may read one in a setting', () => {
    expect(
      errorsOf(step('apply-image', { image: { id: 'MWL00001' }, destination: { variable: '_X' } })),
    ).toEqual([]);
  });
});

describe('M11 a task sequence is warned of', () => {
  it('built-in names with typing errors, in conditions and texts', () => {
    expect(
      told(
        run({ commandLine: 'echo %SMSTSMachineName%' }, when('_SMSTSInWinPe2')),
        run({ commandLine: 'echo %OSDAdapter0EnabelDHCP% %_NothingLikeAnyOfThem%' }),
        set('OSDDisksIndex'),
      ),
    ).toEqual([
      ['steps[0].condition.any[0].variable', 'unknown', 'Did you mean _SMSTSInWinPE?'],
      ['steps[0].params.commandLine', 'unknown', 'Did you mean _SMSTSMachineName?'],
      ['steps[1].params.commandLine', 'unknown', 'Did you mean OSDAdapter0EnableDHCP?'],
      ['steps[1].params.commandLine', 'unknown', ''],
      ['steps[2].params.name', 'unknown', 'Did you mean OSDDiskIndex?'],
    ]);
  });

  it('what the rules of Set Dynamic Variables look at, set and put in', () => {
    const condition = { kind: 'variable', variable: '_SMSTSMaek', operator: 'exists' };
    const variables = [
      { name: 'OSDDiskIndex', value: 'C:' },
      { name: 'A', value: '%_SMSTSModle%' },
    ];
    const rules = [{ condition: { any: [condition] }, variables }];
    const at = 'steps[0].params.rules[0]';
    expect(told(step('set-dynamic-variables', { rules }))).toEqual([
      [`${at}.condition.any[0].variable`, 'unknown', 'Did you mean _SMSTSMake or _SMSTSModel?'],
      [`${at}.variables[0].name`, 'value', 'It takes: 0 to 10000.'],
      [`${at}.variables[1].value`, 'unknown', 'Did you mean _SMSTSModel or _SMSTSMake?'],
    ]);
    const readOnly = [{ variables: [{ name: '_SMSTSModel', value: '1' }] }];
    expect(errorsOf(step('set-dynamic-variables', { rules: readOnly }))).toEqual([
      [`${at}.variables[0].name`, 'sequence.variable'],
    ]);
  });

  it('names without effect: deprecated, or not acted on by this version', () => {
    expect(
      told(
        set('OSDPreserveDriveLetter', 'false'),
        run({}, when('_SMSTSSiteCode')),
        set('SMSTSPeerDownload', 'true'),
        run({ commandLine: 'echo %SMSTSPeerDownload%' }),
        set('OSDComputerName', 'PC1'),
        run({ commandLine: 'hostnamectl set-hostname %OSDComputerName%' }),
      ),
    ).toEqual([
      ['steps[0].params.name', 'deprecated', 'Take it out.'],
      ['steps[1].condition.any[0].variable', 'later', ''],
      ['steps[2].params.name', 'later', ''],
    ]);
  });

  it.each([
    ['OSDPartitionStyle', 'apm', 'It takes: GPT, MBR.'],
    ['TSDisableProgressUI', '1', 'It takes: true, false.'],
    ['SMSTSErrorDialogTimeout', 'long', 'It takes: 0 to 604800.'],
    ['OSDDiskIndex', '10001', 'It takes: 0 to 10000.'],
    ['OSDImageIndex', '-1', 'It takes: a whole number.'],
    ['OSDPartitions0VolumeName', 'x'.repeat(37), 'It takes: at most 36 characters.'],
  ])('%s = %s, which it does not take', (name, value, hint) => {
    expect(told(set(name, value))).toEqual([['steps[0].params.name', 'value', hint]]);
  });

  it.each([
    ['is not there', { operator: 'notExists' }, []],
    ['has another value', { operator: 'notEquals', value: 'true' }, []],
    ['is there', { operator: 'exists' }, ['later']],
    ['has a value', { operator: 'equals', value: 'true' }, ['later']],
  ])(
    'of a variable that is never set, not where a condition asks that it %s',
    (_what, how, kinds) => {
      const condition = { kind: 'variable', variable: '_SMSTSLastContentDownloadLocation', ...how };
      expect(told(run({}, { condition })).map(([, kind]) => kind)).toEqual(kinds);
    },
  );

  it('of the variables of a step whose action comes later, only where there is no such step', () => {
    const code = run({}, when('_SMSTSOSUpgradeActionReturnCode'));
    const upgrade = step('upgrade-os', { package: { name: 'Media' } });
    expect(told(code).map(([, kind]) => kind)).toEqual(['later']);
    expect(told({ group: 'G', steps: [upgrade] }, code)).toEqual([]);
    expect(
      told(upgrade, run({}, when('_SMSTSLastContentDownloadLocation'))).map(([, kind]) => kind),
    ).toEqual(['later']);
  });

  it('nothing that is as it should be', () => {
    expect(
      warningsOf(
        set('OSDPartitionStyle', 'gpt'),
        set('OSDDiskIndex', '%Which%'),
        set('SMSTSErrorDialogTimeout', ''),
        set('OSDImageIndex2'),
        set('OSDisk', 'C:'),
        set('SMSTSMachineNam'),
        run({ commandLine: 'echo %OSDComputerName% %Own% %OSDImageIndex2% 100%' }),
        run({ outputVariable: 'OSDiskIndexes' }),
        run({ commandLine: 'echo %OSDiskIndexes%' }, when('SMSTSLastActionRetCode')),
        run({}, when('_SMSTSBootUEFI')),
      ).filter(({ path }) => path !== 'steps[5].params.name'),
    ).toEqual([]);
  });

  it('a hundred at most, after few comparisons, whatever names a document has', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `%SMSTSNoSuchName${index}%`);
    const nodes = Array.from({ length: 200 }, (_, index) =>
      run({ commandLine: names.slice(index * 100, index * 100 + 100).join(' ') }),
    );
    const sets = Array.from({ length: 150 }, () => set('TSDebugMode'));
    const sequence = parseTaskSequence({ name: 'T', steps: [...nodes, ...sets] }, steps);
    const compared = new Map<string, number>();
    const warnings = variableWarnings(sequence, steps, (one, other) => {
      compared.set(one, (compared.get(one) ?? 0) + 1);
      return editDistance(one, other);
    });
    expect(warnings).toHaveLength(100);
    // Of the 20,000 names those that are looked up, each with a name of the catalogue once.
    expect(compared.size).toBe(500);
    expect(Math.max(...compared.values())).toBeLessThanOrEqual(catalogNames.length);
  });
});
