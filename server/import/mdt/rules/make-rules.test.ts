import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '#agent/sequence/testing/any-character.ts';
import { setDynamicVariables } from '#agent/steps/set-dynamic-variables.ts';
import { runMdtRules, type Values } from '../testing/mdt-rules-model.ts';
import { runRules } from '../testing/run-rules.ts';
import { parseIni } from './ini.ts';
import { makeRules } from './make-rules.ts';

const make = (text: string) => makeRules(parseIni(text), { from: 'CustomSettings.ini' });

/** What gathering finds: MDT's name, that of Configuration Manager, value. */
const facts = [
  ['Make', '_SMSTSMake', 'Contoso'],
  ['Model', '_SMSTSModel', 'Book 7'],
  ['SerialNumber', '_SMSTSSerialNumber', 'S1'],
  ['AssetTag', '_SMSTSAssetTag', 'A1'],
  ['UUID', '_SMSTSUUID', '4C4C4544-0031-3010-8048-B4C04F4E3032'],
  ['MacAddress001', '_SMSTSMacAddresses', '52:54:00:00:00:0A'],
  ['DefaultGateway001', '_SMSTSDefaultGateways', '10.0.0.1'],
  ['IsLaptop', '_IsLaptop', 'True'],
] as const;
const machineOf = (known: readonly (typeof facts)[number][]): Values =>
  Object.fromEntries(
    known.flatMap(([mdt, own, value]) => [
      [mdt, value],
      [own, value],
    ]),
  );
const machine = machineOf(facts);

const after = (text: string, values: Values = machine): Record<string, string> => {
  const set = runRules(make(text).rules, values);
  const given = new Set(Object.keys(values).map((name) => name.toUpperCase()));
  return Object.fromEntries([...set].filter(([name]) => !given.has(name)));
};

describe('M24 the rules of MDT', () => {
  it('give a property the first value that is found', () => {
    const text = `[Settings]
Priority=Model, Default
[Default]
OrgName=Everywhere
FullName=%OrgName%
[Book 7]
OrgName=Books
[Desk 1]
OrgName=Desks`;
    expect(after(text)).toEqual({ ORGNAME: 'Books', FULLNAME: 'Books' });
    expect(after(text, { _SMSTSModel: 'Desk 1', _SMSTSMake: 'x' })).toEqual({
      ORGNAME: 'Desks',
      FULLNAME: 'Desks',
    });
    expect(after(text, {})).toEqual({ ORGNAME: 'Everywhere', FULLNAME: 'Everywhere' });
    expect(make(text).needs).toEqual([]);
  });

  it('leave alone what a collection or device has given a value', () => {
    const text = '[Settings]\nPriority=Default\n[Default]\nOrgName=x\nDeploymentType=REFRESH';
    expect(runRules(make(text).rules, { OrgName: 'ours', DeploymentType: 'NEWCOMPUTER' })).toEqual(
      new Map([
        ['ORGNAME', 'ours'],
        // One of the few that MDT overwrites.
        ['DEPLOYMENTTYPE', 'REFRESH'],
      ]),
    );
  });

  it.each([
    ['SerialNumber', 'S1', { kind: 'computer', serialNumber: ['S1'] }],
    ['AssetTag', 'A1', { kind: 'computer', assetTag: ['A1'] }],
    ['Make', 'Contoso', { kind: 'make-model', make: 'Contoso', model: '*' }],
    ['Model', 'Book 7', { kind: 'make-model', make: '*', model: 'Book 7' }],
    ['MACAddress', '52:54:00:00:00:0A', { kind: 'computer', macAddress: ['52:54:00:00:00:0A'] }],
    [
      'IsLaptop',
      'True',
      { kind: 'variable', variable: 'IsLaptop', operator: 'equals', value: 'True' },
    ],
  ])('ask for %s by a condition of its own', (property, section, condition) => {
    const text = `[Settings]\nPriority=${property}\n[${section}]\nOrgName=x\n`;
    expect(make(text).rules[0]?.condition).toEqual({ all: [condition, expect.anything()] });
    expect(after(text)).toEqual({ ORGNAME: 'x' });
  });

  it('follow default gateways, subsections and values put together', () => {
    const text = `[Settings]
Priority=DefaultGateway, ByType, Default
Properties=Site
[DefaultGateway]
10.0.0.1=HQ
10.0.0.2=HQ
10.0.1.1=Branch
[HQ]
Site=H
[Branch]
Site=B
[ByType]
Subsection=Laptop-%IsLaptop%
[Laptop-True]
FullName=mobile
[Laptop-False]
FullName=fixed
[Default]
Subsection=%Site%-%IsLaptop%
[H-True]
OrgName=mobile at HQ`;
    expect(after(text)).toEqual({ SITE: 'H', FULLNAME: 'mobile', ORGNAME: 'mobile at HQ' });
    expect(make(text).needs).toEqual([]);
  });

  it('keep all items of a list, each once', () => {
    const text = `[Settings]
Priority=Model, Make, Default
[Book 7]
Applications001=b
Applications002=c
[Contoso]
Applications1=a
Applications2=B
[Default]
Applications001=c
Applications002=d
Applications004=unseen`;
    const lists = {
      APPLICATIONS001: 'b',
      APPLICATIONS002: 'c',
      APPLICATIONS003: 'a',
      APPLICATIONS004: 'd',
    };
    expect(after(text)).toEqual(lists);
    expect(after(text, {})).toEqual({ APPLICATIONS001: 'c', APPLICATIONS002: 'd' });
  });

  it('take no secret over, and tell of what they cannot do, with section and line', () => {
    const { rules, needs } = make(`[Settings]
Priority=Default, CSettings
[Default]
AdminPassword=P@ssw0rd
UserID=svc
OSDComputerName=#Right("%SerialNumber%",7)#
Unheard=of
UserExit=Exit.vbs
_SMSTSOrgName=Contoso
[CSettings]
SQLServer=db
Database=MDT
OrgName=x
[Nobody]
OrgName=y
[Default]
OrgName=z`);
    expect(JSON.stringify({ rules, needs })).not.toContain('P@ssw0rd');
    expect(rules.map(({ variables }) => variables[0]?.name)).toEqual(['UserID']);
    expect(needs.map(({ kind, message }) => `${kind} ${message}`)).toEqual([
      'setting CustomSettings.ini, line 16: there is a section [Default] before; this one is not read',
      'script CustomSettings.ini, line 8: [Default] runs the script Exit.vbs (UserExit)',
      expect.stringContaining(
        'script CustomSettings.ini, line 6: OSDComputerName of [Default] is computed',
      ),
      expect.stringContaining('secret CustomSettings.ini, line 4: AdminPassword of [Default]'),
      expect.stringContaining('setting CustomSettings.ini, line 9: _SMSTSOrgName of [Default]'),
      expect.stringContaining(
        'setting CustomSettings.ini, line 7: Unheard of [Default] is not read',
      ),
      'setting CustomSettings.ini, line 11: [CSettings] asks a database for its values',
      expect.stringContaining('line 13: OrgName of [CSettings] is not read by MDT'),
      'setting CustomSettings.ini, line 14: no word of Priority leads to [Nobody]: MDT does not read it',
    ]);
  });

  it.each(['ProductKey', 'OverrideProductKey', 'BDEPin', 'DomainAdminPassword'])(
    'keep %s for a secret variable',
    (name) => {
      const { rules, needs } = make(`[Settings]\nPriority=Default\n[Default]\n${name}=4711-0815\n`);
      expect(rules).toEqual([]);
      expect(needs).toMatchObject([{ kind: 'secret' }]);
    },
  );

  it('end where sections lead round in a circle', () => {
    const { rules, needs } = make(
      '[Settings]\nPriority=A\n[A]\nSubsection=B\nOrgName=a\n[B]\nSubsection=A\nFullName=b\n',
    );
    expect(rules.length).toBeLessThan(10);
    expect(needs.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('leads back to itself'),
    );
  });

  it('of many machines stop at what a sequence can hold', () => {
    const sections = Array.from(
      { length: 6000 },
      (_, index) => `[00:00:00:00:${hex(index >> 8)}:${hex(index)}]\nOSDComputerName=PC${index}\n`,
    );
    const started = performance.now();
    const { rules, needs } = make(`[Settings]\nPriority=MACAddress\n${sections.join('')}`);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(rules.length).toBe(5000);
    expect(needs[0]?.message).toContain('too many for a sequence: the first 5000');
  });

  it('give the values that MDT gives, whatever stands in the file', () => {
    fc.assert(
      fc.property(rulesFile, fc.subarray([...facts]), (text, known) => {
        const given = machineOf(known);
        expect(Object.fromEntries(sorted(runRules(make(text).rules, given)))).toEqual(
          Object.fromEntries(sorted(runMdtRules(text, given))),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('are params of Set Dynamic Variables, whatever stands in the file', () => {
    fc.assert(
      fc.property(
        fc.oneof(rulesFile, fc.string({ unit: anyCharacter, maxLength: 400 })),
        (text) => {
          const { rules } = make(text);
          expect(
            setDynamicVariables.params.safeParse({ rules: rules.slice(0, 1000) }).success,
          ).toBe(true);
        },
      ),
    );
  });
});

const hex = (byte: number): string => (byte & 255).toString(16).padStart(2, '0');
const sorted = (map: ReadonlyMap<string, string>) =>
  [...map].toSorted(([one], [other]) => one.localeCompare(other));

/** Files of few names, so that sections, values and properties meet. */
const section = fc.constantFrom(
  'Default',
  'First',
  'Contoso',
  'Book 7',
  'S1',
  'A1',
  'HQ',
  'Laptop-True',
  'Laptop-False',
  'True',
  '52:54:00:00:00:0A',
  '52:54:00:00:00:0B',
  'x',
  'OrgName',
  'Site',
);
const key = fc.constantFrom(
  'OrgName',
  'FullName',
  'Site',
  'DeploymentType',
  'OSDComputerName',
  'TaskSequenceID',
  'Undeclared',
  'Applications001',
  'Applications2',
  'Applications003',
  'Tools1',
  'Tools002',
  'Subsection',
);
const value = fc.constantFrom(
  'x',
  'X',
  'y',
  'z z',
  '%OrgName%',
  'PC-%SerialNumber%',
  '%Site%',
  'HQ',
  'Laptop-%IsLaptop%',
  '%Model%',
  '',
);
const lines = fc.array(fc.tuple(key, value), { maxLength: 6 });
const rulesFile = fc
  .record({
    priority: fc.uniqueArray(
      fc.constantFrom(
        'Default',
        'First',
        'Make',
        'Model',
        'SerialNumber',
        'AssetTag',
        'MACAddress',
        'DefaultGateway',
        'IsLaptop',
        'TaskSequenceID',
        'Site',
        'OrgName',
        'Tools',
      ),
      { maxLength: 5 },
    ),
    sections: fc.uniqueArray(fc.tuple(section, lines), {
      selector: ([name]) => name,
      maxLength: 6,
    }),
    gateway: fc.constantFrom('HQ', 'x', 'First'),
  })
  .map(({ priority, sections, gateway }) =>
    [
      '[Settings]',
      `Priority=${priority.join(', ')}`,
      'Properties=Site, Tools(*)',
      '[DefaultGateway]',
      `10.0.0.1=${gateway}`,
      ...sections.flatMap(([name, set], index) => [
        `[${name}]`,
        // A section leads only to later ones: MDT does not end where they lead in a circle.
        ...set
          .filter(([each, target]) => each !== 'Subsection' || isLater(target, index, sections))
          .map(([each, text]) => `${each}=${text}`),
      ]),
    ].join('\n'),
  );

function isLater(
  target: string,
  index: number,
  sections: readonly (readonly [string, unknown])[],
): boolean {
  const pattern = new RegExp(`^${target.replaceAll(/%\w+%/g, '.*')}$`, 'i');
  return target !== '' && sections.every(([name], at) => at > index || !pattern.test(name));
}
