import { describe, expect, it } from 'vitest';
import { type GivenStep, mapGiven } from '../testing/map-source.ts';

const params = (given: GivenStep) => {
  const { params, needs, unread } = mapGiven(given);
  expect([needs, unread]).toEqual([[], []]);
  return params;
};

describe('M24 Apply Network Settings', () => {
  const type = 'ApplyNetworkSettings';

  it.each<[GivenStep['properties'], object]>([
    [{ 'OSDAdapterCount <- NumAdapters': '0', 'OSDAdapter <- Adapters': '0' }, {}],
    [
      {
        'OSDNetworkJoinType <- NetworkJoinType': '1',
        'OSDWorkgroupName <- WorkgroupName': 'LAB',
        'OSDEnableTCPIPFiltering <- EnableTCPIPFiltering': 'false',
        'OSDJoinAccount <- DomainUsername': '',
      },
      { join: 'workgroup', workgroup: 'LAB' },
    ],
    [
      { WorkgroupName: 'LAB', DNSDomain: 'a.example' },
      { join: 'workgroup', workgroup: 'LAB', dnsDomain: 'a.example' },
    ],
  ])('%j', (properties = {}, expected) => {
    expect(params({ type, properties })).toEqual(expected);
  });

  it('joins a domain with an account whose password a person sets', () => {
    const { params, needs } = mapGiven({
      type,
      properties: {
        NetworkJoinType: '0',
        DomainName: 'corp.example',
        DomainOUName: 'LDAP://OU=a',
        DomainUsername: 'CORP\\j',
        DomainPassword: '',
      },
    });
    expect(params).toEqual({
      join: 'domain',
      domain: 'corp.example',
      ou: 'LDAP://OU=a',
      account: { user: 'CORP\\j', password: '%ImportedSecret1%' },
    });
    expect(needs).toHaveLength(1);
  });

  it('takes the adapters that are counted', () => {
    expect(
      params({
        type,
        properties: {
          'OSDAdapterCount <- NumAdapters': '2',
          'OSDAdapter0EnableDHCP <- Adapters0EnableDHCP': 'false',
          'OSDAdapter0IPAddressList <- Adapters0IPAddressList': '192.0.2.5',
          'OSDAdapter0SubnetMask <- Adapters0SubnetMask': '255.255.255.0',
          'OSDAdapter0Gateways <- Adapters0Gateways': '192.0.2.1',
          'OSDAdapter0DNSServerList <- Adapters0DNSServerList': '192.0.2.2,192.0.2.3',
          'OSDAdapter0EnableTCPFiltering <- Adapters0EnableTCPFiltering': 'false',
          OSDAdapter1Name: 'LAN',
          OSDAdapter1EnableDHCP: 'true',
          OSDAdapter2Name: 'Not counted',
        },
      })['adapters'],
    ).toEqual([
      {
        dhcp: false,
        ipAddresses: '192.0.2.5',
        subnetMasks: '255.255.255.0',
        gateways: '192.0.2.1',
        dnsServers: '192.0.2.2,192.0.2.3',
      },
      { name: 'LAN', dhcp: true },
    ]);
  });

  it('asks a person for the address that is not there, and for what cannot be', () => {
    const { params, needs } = mapGiven({
      type,
      properties: {
        NumAdapters: '2',
        OSDAdapter0EnableDHCP: 'false',
        OSDAdapter0IPAddressList: '%IP%',
        OSDAdapter0SubnetMask: '%Mask%',
        OSDAdapter1EnableDHCP: 'perhaps',
      },
    });
    expect(params['adapters']).toEqual([
      {
        dhcp: false,
        ipAddresses: '%IP%',
        subnetMasks: '%Mask%',
        gateways: '%OSDAdapter0Gateways%',
      },
    ]);
    expect(needs).toEqual([
      expect.stringContaining('OSDAdapter0Gateways is not in the file'),
      expect.stringContaining('The network adapter 1 was not taken over'),
    ]);
  });
});

describe('M24 Apply Windows Settings', () => {
  const type = 'ApplyWindowsSettings';

  it('takes what is said, and leaves the name of the computer to the run', () => {
    expect(
      params({
        type,
        properties: {
          'OSDComputerName <- ComputerName': '%_SMSTSMachineName%',
          'OSDProductKey <- ProductKey': '',
          'OSDRandomAdminPassword <- RandomAdminPassword': 'true',
          'OSDRegisteredOrgName <- RegisteredOrgName': 'Works',
          'OSDRegisteredUserName <- RegisteredUserName': 'Ann',
          'OSDServerLicenseConnectionLimit <- ServerLicenseConnectionLimit': '5',
          'OSDServerLicenseMode <- ServerLicenseMode': 'PERSERVER',
          'OSDTimeZone <- TimeZone': 'GMT Standard Time',
          'OSDWindowsSettingsInputLocale <- InputLocale': 'en-GB',
          'OSDWindowsSettingsUILanguage <- UILanguage': '',
        },
      }),
    ).toEqual({
      registeredOrganization: 'Works',
      registeredUser: 'Ann',
      licenseMode: 'PerServer',
      timeZone: 'GMT Standard Time',
      inputLocale: 'en-GB',
    });
  });

  it('enables the administrator with a password that a person sets', () => {
    const admin = (properties: Record<string, string>) => mapGiven({ type, properties });
    const enabled = { randomAdminPassword: false, adminPassword: '%ImportedSecret1%' };
    // An export of the community blanks both.
    const blanked = admin({ RandomAdminPassword: 'scrubbed', AdminPassword: '' });
    expect(blanked.params).toEqual(enabled);
    expect(admin({ RandomAdminPassword: 'false' }).params).toEqual(enabled);
    expect(admin({ RandomAdminPassword: '%R%', AdminPassword: '' }).params).toEqual({
      ...enabled,
      randomAdminPassword: '%R%',
    });
    const plain = admin({ RandomAdminPassword: 'false', AdminPassword: 'hunter2' });
    expect(plain.params).toEqual(enabled);
    expect(plain.needs).toEqual([expect.stringContaining('stands in the file in plain text')]);
    expect(admin({ RandomAdminPassword: 'true', AdminPassword: 'hunter2' })).toMatchObject({
      params: {},
      needs: [],
      unread: [],
    });
  });

  it('keeps a product key out of the document, and a variable for one in it', () => {
    const key = (ProductKey: string) => mapGiven({ type, properties: { ProductKey } });
    expect(key('AAAAA-BBBBB-CCCCC-DDDDD-EEEEE').params).toEqual({
      productKey: '%ImportedSecret1%',
    });
    expect(key('%Key%').params).toEqual({ productKey: '%Key%' });
    expect(key('%Key%').needs).toEqual([]);
  });

  it('goes without a name that no computer can have, and tells of it', () => {
    const { params, needs } = mapGiven({
      type,
      properties: { ComputerName: 'much-too-long-a-name' },
    });
    expect(params).toEqual({});
    expect(needs).toEqual([
      expect.stringContaining('Not taken over: computerName much-too-long-a-name: '),
    ]);
  });
});

describe('M24 Capture Network Settings, Capture Windows Settings', () => {
  it.each<[GivenStep, object]>([
    [{ type: 'CaptureNetworkSettings' }, {}],
    [
      {
        type: 'CaptureNetworkSettings',
        properties: {
          'OSDMigrateAdapterSettings <- MigrateAdapterSettings': 'false',
          'OSDMigrateNetworkMembership <- MigrateNetworkMembership': 'true',
        },
      },
      { adapters: false },
    ],
    [
      {
        type: 'CaptureWindowsSettings',
        properties: {
          MigrateComputerName: 'true',
          OSDMigrateRegistrationInfo: 'False',
          MigrateTimeZone: 'false',
        },
      },
      { registration: false, timeZone: false },
    ],
  ])('%j', (given, expected) => {
    expect(params(given)).toEqual(expected);
  });

  it('pass a variable on, and tell of what is no switch', () => {
    const { params, needs } = mapGiven({
      type: 'CaptureWindowsSettings',
      properties: { MigrateComputerName: '%Keep%', MigrateTimeZone: 'perhaps' },
    });
    expect(params).toEqual({ computerName: '%Keep%' });
    expect(needs).toEqual([expect.stringContaining('setting: Not taken over: timeZone perhaps: ')]);
  });
});
