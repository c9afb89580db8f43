import { describe, expect, it } from 'vitest';
import { presetSettings } from '#agent/sequence/action-variables.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { Variables } from '#agent/sequence/variables.ts';
import { applyNetworkSettings } from './apply-network-settings.ts';
import { steps } from './index.ts';
import { faultsOf } from './testing/simulate-step.ts';

const type = 'apply-network-settings';
const fixed = {
  dhcp: false,
  ipAddresses: '192.0.2.10, 192.0.2.11',
  subnetMasks: ['255.255.255.0', '255.255.255.0'],
  gateways: ['192.0.2.1'],
  dnsServers: '192.0.2.2',
};
const preset = (params: object, variables: Record<string, string>) =>
  presetSettings(
    applyNetworkSettings,
    params,
    Variables.none.setAll(
      Object.entries(variables).map(([name, value]) => ({ name, value, secret: false })),
    ),
  );

describe('M02 apply-network-settings', () => {
  it('needs nothing, and takes lists as texts with commas', () => {
    expect(faultsOf(type, {})).toEqual([]);
    expect(applyNetworkSettings.params.parse({ adapters: [fixed] }).adapters).toMatchObject([
      { ipAddresses: ['192.0.2.10', '192.0.2.11'], netbios: 'dhcp', lmhosts: false },
    ]);
  });

  it.each([
    [{ join: 'domain', domain: 'corp.example' }, ['account: needs an account']],
    [
      { adapters: [{ dhcp: false }] },
      ['adapters.0.ipAddresses: is', 'adapters.0.subnetMasks: is', 'adapters.0.gateways: is'],
    ],
    [{ adapters: [{ ...fixed, subnetMasks: '24' }] }, ['adapters.0.subnetMasks: has one']],
    [{ adapters: [{ ...fixed, gateways: 'a' }] }, ['adapters.0.gateways.0: is no IP address']],
    [{ adapters: [{ macAddress: 'x' }] }, ['adapters.0.macAddress: is no MAC address']],
    [{ adapters: [{ tcpPorts: '80,http' }] }, ['adapters.0.tcpPorts.1: is no number']],
  ])('refuses %j', (params, faults) => {
    expect(faultsOf(type, params)).toEqual(faults.map((fault) => expect.stringContaining(fault)));
  });

  it('lets %Name% stand where it is judged when the step runs', () => {
    const adapters = [{ ...fixed, ipAddresses: '%Addresses%', gateways: ['%Gateway%'] }];
    const step = { step: 'Network', type, params: { adapters } };
    expect(() => parseTaskSequence({ name: 'x', steps: [step] }, steps)).not.toThrow();
  });

  it('has its adapters as an array of variables, and reads them back', () => {
    const adapter = {
      ...fixed,
      name: 'LAN',
      macAddress: '00-11-22-33-44-55',
      netbios: 'disabled',
      tcpPorts: '80,443',
      dnsRegistration: true,
    };
    const { action } = preset({ join: 'workgroup', workgroup: 'LAB', adapters: [adapter] }, {});
    expect(action).toMatchObject({
      OSDNetworkJoinType: '1',
      OSDWorkgroupName: 'LAB',
      OSDAdapterCount: '1',
      OSDAdapter0EnableDHCP: 'false',
      OSDAdapter0IPAddressList: '192.0.2.10,192.0.2.11',
      OSDAdapter0TcpipNetbiosOptions: '2',
      OSDAdapter0EnableTCPFiltering: 'true',
      OSDAdapter0TCPFilterPortList: '80,443',
      OSDAdapter0EnableUDPFiltering: 'false',
    });
    const back = preset({}, { ...action });
    const settings = applyNetworkSettings.params.parse(back.params);
    expect(settings).toEqual(
      applyNetworkSettings.params.parse({
        join: 'workgroup',
        workgroup: 'LAB',
        adapters: [adapter],
      }),
    );
  });

  it('takes no adapter from variables without their count, and tells which is wrong', () => {
    const params = { adapters: [fixed] };
    expect(preset(params, { OSDAdapter0EnableDHCP: 'true' }).params).toEqual(params);
    const wrong = (variables: Record<string, string>) => () =>
      preset(params, { OSDAdapterCount: '1', ...variables });
    expect(wrong({ OSDAdapter0EnableDHCP: 'maybe' })).toThrow(/OSDAdapter0EnableDHCP .*"maybe"/);
    expect(wrong({ OSDAdapter0IPAddressList: 'a' })).toThrow(/OSDAdapter0 .*ipAddresses/);
    expect(wrong({ OSDAdapter0TcpipNetbiosOptions: '7' })).toThrow(/none of 0, 1, 2/);
    expect(wrong({ OSDAdapterCount: '65' })).toThrow(/more than 64/);
  });
});
