import { group } from './group.ts';

/** Network and membership. */
export const networkVariables = group(
  {
    title: 'Network and membership',
    kind: 'action',
    applies: 'Apply Network Settings',
    supported: true,
  },
  {
    OSDNetworkJoinType: { meaning: '0 joins a domain, 1 a workgroup', values: ['0', '1'] },
    OSDDomainName: 'Domain to join',
    OSDDomainOUName: 'LDAP path of the organizational unit for the computer',
    OSDWorkgroupName: { meaning: 'Workgroup to join', maxLength: 32 },
    OSDJoinAccount: {
      meaning: 'Account that joins',
      supported: true,
      applies: 'Apply Network Settings, Join Domain or Workgroup',
    },
    OSDJoinPassword: {
      meaning: 'Its password',
      secret: true,
      supported: true,
      applies: 'Apply Network Settings, Join Domain or Workgroup',
    },
    OSDDNSDomain: 'Primary DNS domain',
    OSDDNSSuffixSearchOrder: { meaning: 'DNS suffixes to try', type: 'list' },
    OSDEnableTCPIPFiltering: {
      meaning: 'Switches filters for TCP/IP on',
      type: 'boolean',
      standard: 'false',
    },
    OSDJoinType: {
      meaning: '0 joins a domain, 1 a workgroup',
      values: ['0', '1'],
      supported: true,
      applies: 'Join Domain or Workgroup',
    },
    OSDJoinDomainName: {
      meaning: 'Domain to join',
      maxLength: 255,
      supported: true,
      applies: 'Join Domain or Workgroup',
    },
    OSDJoinDomainOUName: {
      meaning: 'Organizational unit for the computer; nothing to a workgroup',
      supported: true,
      applies: 'Join Domain or Workgroup',
    },
    OSDJoinWorkgroupName: {
      meaning: 'Workgroup to join',
      maxLength: 32,
      supported: true,
      applies: 'Join Domain or Workgroup',
    },
    OSDJoinSkipReboot: {
      meaning: 'Does not restart after joining',
      type: 'boolean',
      standard: 'false',
      supported: true,
      applies: 'Join Domain or Workgroup',
    },
    OSDMigrateAdapterSettings: {
      meaning: 'Takes the settings of the adapters over',
      type: 'boolean',
      standard: 'true',
      applies: 'Capture Network Settings',
      supported: 'later',
    },
    OSDMigrateNetworkMembership: {
      meaning: 'Takes domain or workgroup over',
      type: 'boolean',
      standard: 'true',
      applies: 'Capture Network Settings',
      supported: 'later',
    },
  },
);

/** Network adapters. */
export const adapterVariables = group(
  {
    title: 'Network adapters',
    kind: 'action',
    applies: 'Apply Network Settings',
    supported: true,
  },
  {
    OSDAdapterCount: {
      meaning: 'Count of the adapters that follow; without it none of them counts',
      type: 'number',
      supported: 'later',
    },
    'OSDAdapter<n>EnableDHCP': { meaning: 'Takes its address from DHCP', type: 'boolean' },
    'OSDAdapter<n>IPAddressList': { meaning: 'Addresses, without DHCP', type: 'list' },
    'OSDAdapter<n>SubnetMask': { meaning: 'Subnet masks, without DHCP', type: 'list' },
    'OSDAdapter<n>Gateways': { meaning: 'Gateways, without DHCP', type: 'list' },
    'OSDAdapter<n>GatewayCostMetric': { meaning: 'Metrics of the gateways', type: 'list' },
    'OSDAdapter<n>DNSDomain': 'DNS suffix of the connection',
    'OSDAdapter<n>DNSSuffix': 'Another name for the DNS suffix',
    'OSDAdapter<n>DNSServerList': { meaning: 'DNS servers', type: 'list' },
    'OSDAdapter<n>EnableDNSRegistration': {
      meaning: 'Registers the address in DNS',
      type: 'boolean',
    },
    'OSDAdapter<n>EnableFullDNSRegistration': {
      meaning: 'Registers it under the full name of the computer',
      type: 'boolean',
    },
    'OSDAdapter<n>EnableIPProtocolFiltering': { meaning: 'Filters protocols', type: 'boolean' },
    'OSDAdapter<n>IPProtocolFilterList': { meaning: 'Protocols that pass', type: 'list' },
    'OSDAdapter<n>EnableTCPFiltering': { meaning: 'Filters TCP', type: 'boolean' },
    'OSDAdapter<n>TCPFilterPortList': { meaning: 'TCP ports that pass', type: 'list' },
    'OSDAdapter<n>EnableUDPFiltering': { meaning: 'Filters UDP', type: 'boolean' },
    'OSDAdapter<n>UDPFilterPortList': { meaning: 'UDP ports that pass', type: 'list' },
    'OSDAdapter<n>EnableWINS': { meaning: 'Uses WINS', type: 'boolean' },
    'OSDAdapter<n>WINSServerList': { meaning: 'WINS servers', type: 'list' },
    'OSDAdapter<n>EnableLMHOSTS': { meaning: 'Looks into LMHOSTS', type: 'boolean' },
    'OSDAdapter<n>TcpipNetbiosOptions': {
      meaning: 'NetBIOS over TCP/IP: 0 as DHCP says, 1 on, 2 off',
      values: ['0', '1', '2'],
    },
    'OSDAdapter<n>MacAddress': 'MAC address of the adapter that is meant',
    'OSDAdapter<n>Name': { meaning: 'Name of the connection', maxLength: 255 },
    'OSDAdapter<n>Index': { meaning: 'Its index in this list', type: 'number' },
  },
);
