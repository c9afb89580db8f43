import { describe, expect, it } from 'vitest';
import { DeploymentId, MachineIdentity, PackageId, SequenceId } from '../protocol/identity.ts';
import { parseTaskSequence } from '../sequence/schema.ts';
import { catalogVariable } from '../sequence/variable-catalog.ts';
import { steps } from '../steps/index.ts';
import { type AgentFacts, builtInVariables } from './built-in-variables.ts';

const identity = MachineIdentity.parse({
  smbiosGuid: '4C4C4544-0042-3510-8052-B4C04F4E3132',
  macAddresses: ['52:54:00:77:00:01', '52:54:00:77:00:02'],
  serialNumber: 'LAB0001',
  assetTag: null,
  manufacturer: 'Acme, Inc.',
  model: '',
  architecture: 'x64',
  firmware: 'uefi',
  secureBoot: false,
  memoryBytes: 1024,
});
const grant = {
  deploymentId: DeploymentId.parse('MW120001'),
  deviceName: 'PC01',
  sequenceName: 'Debian 12',
};
const restart = { step: 'Restart', type: 'restart', params: { target: 'pe' } };
const apply = { step: 'Apply', type: 'apply-image', params: { image: { id: 'MWL00001' } } };
const sequenceOf = (...nodes: readonly object[]) =>
  parseTaskSequence({ name: 'T', steps: nodes }, steps);

function valuesOf(
  machine: Partial<MachineIdentity> = {},
  more: Partial<Parameters<typeof builtInVariables>[1]> = {},
  facts: AgentFacts = {},
) {
  const variables = builtInVariables({ ...identity, ...machine }, { ...grant, ...more }, facts);
  return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
}

describe('M11 built-in variables', () => {
  it('tell a run its machine and itself, and leave out what is not known', () => {
    expect(valuesOf()).toEqual({
      _SMSTSAdvertID: 'MW120001',
      _SMSTSPackageName: 'Debian 12',
      _SMSTSMachineName: 'PC01',
      _SMSTSOrgName: 'IT Organization',
      _SMSTSLaunchMode: 'PXE',
      _SMSTSMediaType: 'PXE',
      _SMSTSDownloadOnDemand: 'true',
      _SMSTSBootUEFI: 'true',
      _TSSecureBoot: 'Disabled',
      _SMSTSMake: 'Acme, Inc.',
      _SMSTSSerialNumber: 'LAB0001',
      _SMSTSUUID: '4c4c4544-0042-3510-8052-b4c04f4e3132',
      _SMSTSMacAddresses: '52:54:00:77:00:01,52:54:00:77:00:02',
    });
  });

  it('say UEFI only where the machine started so, and of Secure Boot that BIOS has none', () => {
    const bios = valuesOf({ firmware: 'bios' });
    expect(bios['_SMSTSBootUEFI']).toBeUndefined();
    expect(bios['_TSSecureBoot']).toBe('NA');
    expect(valuesOf({ secureBoot: true })['_TSSecureBoot']).toBe('Enabled');
  });

  it('tell the server, the log, and what kind of sequence it is', () => {
    const facts = { server: '10.0.0.1:7443', logFolder: '/run/metalwright' };
    expect(valuesOf({}, {}, { ...facts, sequence: sequenceOf(restart) })).toMatchObject({
      _SMSTSMP: '10.0.0.1',
      _SMSTSMPPort: '7443',
      _SMSTSUseSSL: 'true',
      _SMSTSUseCRL: 'false',
      _SMSTSLogPath: '/run/metalwright',
      _SMSTSType: '1',
    });
    const typeOf = (...nodes: readonly object[]) =>
      valuesOf({}, {}, { sequence: sequenceOf(...nodes) })['_SMSTSType'];
    expect(typeOf(restart, { group: 'G', steps: [apply] })).toBe('2');
    expect(typeOf(restart, { group: 'G', disabled: true, steps: [apply] })).toBe('1');
    expect(valuesOf({}, {}, { server: '[fd00::1]:7443' })['_SMSTSMP']).toBe('[fd00::1]');
  });

  it('tell the sequence, and whether a person started it', () => {
    expect(
      valuesOf({}, { purpose: 'available', sequenceId: SequenceId.parse('MW100001') }),
    ).toMatchObject({
      _SMSTSUserStarted: 'true',
      _SMSTSPackageID: 'MW100001',
    });
    expect(valuesOf({}, { purpose: 'required' })['_SMSTSUserStarted']).toBe('false');
    const bootImage = PackageId.parse('MW100005');
    expect(valuesOf({}, { bootImage })['_SMSTSBootImageID']).toBe(bootImage);
    expect(valuesOf({}, {})).not.toHaveProperty('_SMSTSBootImageID');
  });

  it('are all in the catalogue, as set by this version, with values that it allows', () => {
    const facts = { server: '10.0.0.1:1', logFolder: '/x', sequence: sequenceOf(apply) };
    const machine = { model: 'M', assetTag: 'A' };
    const all = valuesOf(
      machine,
      { purpose: 'required', sequenceId: SequenceId.parse('MW1') },
      facts,
    );
    for (const [name, value] of Object.entries(all)) {
      const found = catalogVariable(name);
      expect(found, name).toMatchObject({ name, kind: 'read-only', supported: true });
      if (found?.values !== undefined) expect(found.values, name).toContain(value);
      if (found?.type === 'boolean') expect(['true', 'false']).toContain(value);
    }
  });
});
