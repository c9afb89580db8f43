import type { MappedAction, MappedStep } from '../../map-step.ts';
import type { StepReader } from '../../step-reader.ts';
import { type DynamicRule, equals, notExists } from '../rules/rule-parts.ts';
import { ruleSteps, rulesNeed } from '../rules/rule-steps.ts';
import { hasSwitch, switchValue } from '../script-name.ts';
import { equivalent, type MapMdtStep, powershell, quietAccount, wmi } from '../step-parts.ts';
import { machineFacts } from './gather-script.ts';

const set = (values: Readonly<Record<string, string>>): DynamicRule['variables'] =>
  Object.entries(values).map(([name, value]) => ({ name, value }));
const virtual = (make: string, model: string, platform: string): DynamicRule => ({
  condition: { kind: 'make-model', make, model },
  variables: set({ IsVM: 'True', VMPlatform: platform }),
});
/** A list of one member is the member. */
const single = (list: string, member: string): DynamicRule => ({
  condition: {
    all: [
      { kind: 'variable', variable: list, operator: 'exists' },
      { kind: 'variable', variable: list, operator: 'notLike', value: '*,*' },
    ],
  },
  variables: set({ [member]: `%${list}%` }),
});

/** MDT's names for what is gathered, and what follows from it. */
const facts: readonly DynamicRule[] = [
  {
    variables: set({
      Make: '%_SMSTSMake%',
      Model: '%_SMSTSModel%',
      SerialNumber: '%_SMSTSSerialNumber%',
      AssetTag: '%_SMSTSAssetTag%',
      UUID: '%_SMSTSUUID%',
      IsLaptop: 'False',
      IsDesktop: 'False',
      IsServer: 'False',
      IsOnBattery: 'False',
      IsUEFI: 'False',
      IsVM: 'False',
    }),
  },
  single('_SMSTSMacAddresses', 'MacAddress001'),
  single('_SMSTSIPAddresses', 'IPAddress001'),
  single('_SMSTSDefaultGateways', 'DefaultGateway001'),
  { condition: equals('_SMSTSBootUEFI', 'true'), variables: set({ IsUEFI: 'True' }) },
  { condition: equals('_SMSTSInWinPE', 'true'), variables: set({ OSVersion: 'WinPE' }) },
  virtual('*', 'Virtual Machine', 'Hyper-V'),
  virtual('*', 'VMware*', 'VMware'),
  virtual('*', 'VirtualBox', 'VirtualBox'),
  virtual('Xen', '*', 'Xen'),
  { condition: equals('BdeInstall', 'NO'), variables: set({ BdeInstallSuppress: 'YES' }) },
  {
    condition: {
      all: [
        notExists('TaskSequenceID'),
        { kind: 'variable', variable: 'BuildID', operator: 'exists' },
      ],
    },
    variables: set({ TaskSequenceID: '%BuildID%' }),
  },
];

const flag = (name: string, value: string, query: string): MappedAction => ({
  name: `${name}: ${value}`,
  type: 'set-variable',
  params: { name, value },
  condition: wmi(query),
});
const chassis = (name: string, types: readonly number[]): MappedAction =>
  flag(
    name,
    'True',
    `SELECT * FROM Win32_SystemEnclosure WHERE ${types.map((type) => `ChassisTypes = ${type}`).join(' OR ')}`,
  );

/** What MDT gathers of the machine: by rules, by questions, and the rest by a script. */
export const gathering: MappedStep['actions'] = [
  { name: 'Gather what the machine is', type: 'set-dynamic-variables', params: { rules: facts } },
  chassis('IsLaptop', [8, 9, 10, 11, 12, 14, 18, 21, 30, 31, 32]),
  chassis('IsDesktop', [3, 4, 5, 6, 7, 13, 15, 16, 35, 36]),
  chassis('IsServer', [17, 23, 28]),
  flag('Architecture', 'X64', 'SELECT * FROM Win32_Processor WHERE Architecture = 9'),
  flag('Architecture', 'ARM64', 'SELECT * FROM Win32_Processor WHERE Architecture = 12'),
  powershell(
    machineFacts,
    {},
    {
      name: 'Gather memory, versions and addresses',
      continueOnError: true,
    },
  ),
];

/** ZTIGather: what the machine is, and without *local only* the rules. */
export const gather: MapMdtStep = (reader, script) => {
  quietAccount(reader);
  const isLocal = reader.flag('GatherLocalOnly') === true || hasSwitch(script, 'localonly');
  const named = reader.text('RulesFile') ?? (switchValue(script, 'inifile') || undefined);
  const actions = isLocal ? [] : rulesActions(reader, named ?? 'CustomSettings.ini');
  const reason = isLocal
    ? 'Set Dynamic Variables, conditions and a script gather the same under the same names'
    : 'Set Dynamic Variables gathers the same, and its rules stand for those of the rules file';
  return equivalent(reason, ...gathering, ...actions);
};

function rulesActions(reader: StepReader, named: string): readonly MappedAction[] {
  const { share } = reader.context;
  const found = share && ruleSteps(share, named, (guid) => reader.objectName('application', guid));
  for (const need of found?.needs ?? [rulesNeed(named)]) reader.need(need);
  return found?.actions ?? [];
}
