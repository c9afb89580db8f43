import { describe, expect, it } from 'vitest';
import { applyNetworkSettings } from '#agent/steps/apply-network-settings.ts';
import { adapterComponents } from './adapters.ts';
import { formatUnattend } from './format-unattend.ts';
import { joinComponent } from './join.ts';
import { subnetPrefix } from './subnet-prefix.ts';
import { type UnattendComponent, unattendOf } from './unattend.ts';

/** The elements of each component by its name, without blanks. */
function contents(components: readonly UnattendComponent[]): Record<string, string> {
  const text = formatUnattend(unattendOf({ specialize: components }));
  const found = text.matchAll(/name="Microsoft-Windows-(\S+)"[^>]*>([\s\S]*?)<\/component>/g);
  return Object.fromEntries(
    [...found].map(([, name = '', inner = '']) => [name, inner.replaceAll(/\n */g, '')]),
  );
}

function adapters(settings: object, macAddresses: readonly string[] = ['525400aabb01']) {
  const network = applyNetworkSettings.params.parse(settings);
  return contents(
    adapterComponents(network.adapters, network, { macAddresses, architecture: 'amd64' }),
  );
}

const item = (key: number, text: string, name = 'IpAddress') =>
  `<${name} wcm:action="add" wcm:keyValue="${key}">${text}</${name}>`;
const first = '<Identifier>52-54-00-AA-BB-01</Identifier>';
const only = (inner: string) =>
  `<Interfaces><Interface wcm:action="add">${first}${inner}</Interface></Interfaces>`;

describe('M53 adapterComponents', () => {
  it('sets fixed addresses, gateways, DNS and WINS', () => {
    const adapter = {
      macAddress: '52:54:00:aa:bb:01',
      dhcp: false,
      ipAddresses: '10.0.0.5,fd00::5',
      subnetMasks: '255.255.254.0,64',
      gateways: '10.0.0.1,fd00::1',
      gatewayMetrics: '5',
      dnsServers: ['10.0.0.2', '10.0.0.3'],
      dnsDomain: 'lab.example',
      dnsRegistration: true,
      fullDnsRegistration: true,
      winsServers: '10.0.0.4',
      netbios: 'disabled',
      lmhosts: true,
    };
    expect(
      adapters({
        adapters: [adapter],
        dnsDomain: 'corp.example',
        dnsSuffixes: 'a.example, b.example',
      }),
    ).toEqual({
      TCPIP: only(
        `<Ipv4Settings><DhcpEnabled>false</DhcpEnabled></Ipv4Settings>` +
          `<UnicastIpAddresses>${item(1, '10.0.0.5/23')}${item(2, 'fd00::5/64')}</UnicastIpAddresses>` +
          `<Routes><Route wcm:action="add"><Identifier>0</Identifier><Metric>5</Metric><NextHopAddress>10.0.0.1</NextHopAddress><Prefix>0.0.0.0/0</Prefix></Route>` +
          `<Route wcm:action="add"><Identifier>1</Identifier><NextHopAddress>fd00::1</NextHopAddress><Prefix>::/0</Prefix></Route></Routes>`,
      ),
      'DNS-Client':
        `<DNSDomain>corp.example</DNSDomain>` +
        `<DNSSuffixSearchOrder>${item(1, 'a.example', 'DomainName')}${item(2, 'b.example', 'DomainName')}</DNSSuffixSearchOrder>` +
        only(
          `<DNSDomain>lab.example</DNSDomain><DNSServerSearchOrder>${item(1, '10.0.0.2')}${item(2, '10.0.0.3')}</DNSServerSearchOrder>` +
            `<EnableAdapterDomainNameRegistration>true</EnableAdapterDomainNameRegistration><DisableDynamicUpdate>false</DisableDynamicUpdate>`,
        ),
      NetBT:
        '<EnableLMHosts>true</EnableLMHosts>' +
        only(
          `<NameServerList>${item(1, '10.0.0.4')}</NameServerList><NetbiosOptions>2</NetbiosOptions>`,
        ),
    });
  });

  it('leaves an adapter with DHCP to DHCP', () => {
    expect(adapters({ adapters: [{}] })).toEqual({
      TCPIP: only('<Ipv4Settings><DhcpEnabled>true</DhcpEnabled></Ipv4Settings>'),
      NetBT: `<EnableLMHosts>false</EnableLMHosts>${only('<NetbiosOptions>0</NetbiosOptions>')}`,
    });
    expect(adapters({})).toEqual({});
  });

  it('takes adapters without an address in their order, but for those that others name', () => {
    const { TCPIP } = adapters({ adapters: [{}, { macAddress: '525400AABB01' }, {}] }, [
      '52-54-00-aa-bb-01',
      '52:54:00:aa:bb:02',
      '52:54:00:aa:bb:03',
    ]);
    expect(TCPIP?.match(/(?<=AA-BB-)\d\d/g)).toEqual(['02', '01', '03']);
    expect(() => adapters({ adapters: [{}, {}] })).toThrow(
      expect.objectContaining({
        code: 'unattend.adapter',
        message: expect.stringContaining('number 2: the machine has 1'),
      }),
    );
  });
});

it.each([
  ['255.255.255.0', 24],
  ['0.0.0.0', 0],
  ['255.255.255.255', 32],
  ['16', 16],
])('M53 the mask %s has the length %i', (mask, length) => {
  expect(subnetPrefix(mask, '10.0.0.1')).toBe(length);
});
it.each([
  ['255.0.255.0', '10.0.0.1'],
  ['33', '10.0.0.1'],
  ['129', 'fd00::1'],
  ['', '10.0.0.1'],
])('M53 the mask %j of %s is refused', (mask, address) => {
  expect(() => subnetPrefix(mask, address)).toThrow(
    expect.objectContaining({ code: 'unattend.subnet-mask' }),
  );
});

describe('M53 joinComponent', () => {
  const joined = (settings: object, blob?: string): string | undefined => {
    const component = joinComponent(applyNetworkSettings.params.parse(settings), blob, 'amd64');
    return component === undefined ? undefined : contents([component])['UnattendedJoin'];
  };
  const domain = (user: string, more: object = {}) => ({
    join: 'domain',
    domain: 'corp.example',
    account: { user, password: '<p&w>' },
    ...more,
  });
  const whole = (credentials: string, behind = '') =>
    `<Identification><Credentials>${credentials}<Password>&lt;p&amp;w&gt;</Password></Credentials><JoinDomain>corp.example</JoinDomain>${behind}</Identification>`;

  it.each([
    ['CORP\\joiner', '<Domain>CORP</Domain><Username>joiner</Username>'],
    ['joiner', '<Domain>corp.example</Domain><Username>joiner</Username>'],
    ['joiner@corp.example', '<Username>joiner@corp.example</Username>'],
  ])('joins a domain as %s', (user, credentials) => {
    expect(joined(domain(user))).toBe(whole(credentials));
  });

  it.each(['LDAP://OU=PCs,DC=corp', 'ldap://dc1.corp.example/OU=PCs,DC=corp', ' OU=PCs,DC=corp'])(
    'puts the account into %s',
    (ou) => {
      expect(joined(domain('a\\b', { ou }))).toBe(
        whole(
          '<Domain>a</Domain><Username>b</Username>',
          '<MachineObjectOU>OU=PCs,DC=corp</MachineObjectOU>',
        ),
      );
    },
  );

  it('takes a blob for all of it, as djoin writes it', () => {
    expect(joined(domain('a\\b'), '\ufeffARAI\r\nzMzM\0')).toBe(
      '<Identification><Provisioning><AccountData>ARAIzMzM</AccountData></Provisioning></Identification>',
    );
    expect(joined({})).toBeUndefined();
    for (const blob of ['', 'secret blob!']) {
      const refusal = expect.objectContaining({
        code: 'unattend.join-blob',
        message: expect.not.stringContaining('secret'),
      });
      expect(() => joined({}, blob)).toThrow(refusal);
    }
  });
});
