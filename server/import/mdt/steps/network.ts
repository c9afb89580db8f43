import { configMgrStep } from '../../configmgr/index.ts';
import type { MappedAction, MappedStep } from '../../map-step.ts';
import type { StepReader } from '../../step-reader.ts';
import { hasSwitch, switchValue } from '../script-name.ts';
import { shareAccountRules, withShareAccount } from '../share-account.ts';
import {
  equivalent,
  inFullOs,
  inOrder,
  inPe,
  type MapMdtStep,
  powershell,
  quietAccount,
  setVariables,
  typed,
  unsupported,
} from '../step-parts.ts';

const capture: MappedAction = {
  type: 'capture-network-settings',
  params: { membership: false, adapters: true },
  // Windows PE has no settings that anybody made.
  condition: inFullOs,
};

/**
 * ZTINICConfig: captures the settings of adapters where Windows runs that is to be replaced, and applies
 * them in the new one. In Windows PE they go into the answer file.
 */
export const networkAdapters: MapMdtStep = (reader, script) => {
  quietAccount(reader);
  const isApplied = /ApplyNetworkSettings/i.test(reader.step.type ?? '');
  const isCaptured = /CaptureNetworkSettings/i.test(reader.step.type ?? '');
  if (isCaptured || hasSwitch(script, 'ForceCapture') || !isApplied) return captured(reader);
  const own = Object.fromEntries(
    reader
      .matching(/^OSDAdapter/i)
      .filter(({ value }) => value.trim() !== '')
      .map(({ name, value }) => [name, value]),
  );
  const isSet = Object.keys(own).some((name) => /\d/.test(name));
  const inWindowsPe = configMgrStep('ApplyNetworkSettings')?.(reader).actions[0];
  return equivalent(
    'In Windows PE the answer file gets the settings; in Windows a script applies those in the variables OSDAdapter…',
    ...inOrder(
      [
        ...(isSet ? setVariables(own) : []),
        ...(inWindowsPe === undefined
          ? []
          : [{ ...inWindowsPe, name: 'Into the answer file', condition: inPe }]),
      ],
      powershell(applyAdapters, {}, { name: 'To the adapters', condition: inFullOs }),
    ),
  );
};

function captured(reader: StepReader): MappedStep {
  reader.matching(/^OSD(?:Migrate)?Adapter/i);
  return typed(capture);
}

/** ZTIConnect: `/uncpath:\\server\share`. */
export const connect: MapMdtStep = (reader, script) => {
  quietAccount(reader);
  const path = switchValue(script, 'uncpath') ?? '';
  if (!/^\\\\[^\\]+\\[^\\]+/.test(path))
    return unsupported(reader, 'It connects to a share, and says none: /uncpath:\\\\server\\share');
  return equivalent(
    'Connect To Network Folder connects with the account that the rules of the share name',
    {
      name: 'Find the account',
      type: 'set-dynamic-variables',
      params: { rules: shareAccountRules },
    },
    ...withShareAccount({
      name: 'Connect to the share',
      type: 'connect-network-folder',
      params: { path },
    }),
  );
};

const applyAdapters = `
$ErrorActionPreference = 'Stop'
$count = [int]('0' + (Get-TSVariable OSDAdapterCount))
for ($index = 0; $index -lt $count; $index++) {
  $of = { param($field) Get-TSVariable "OSDAdapter$index$field" }
  $mac = (& $of 'MacAddress') -replace '[:-]', ''
  $name = & $of 'Name'
  $adapter = Get-NetAdapter | Where-Object {
    ($mac -and ($_.MacAddress -replace '-', '') -eq $mac) -or ($name -and $_.Name -eq $name)
  } | Select-Object -First 1
  if (-not $adapter -and -not $mac -and -not $name) { $adapter = @(Get-NetAdapter | Where-Object Status -eq Up)[$index] }
  if (-not $adapter) { Write-Warning "No adapter for OSDAdapter$index"; continue }
  $to = @{ InterfaceIndex = $adapter.ifIndex }
  if ((& $of 'EnableDHCP') -eq 'false') {
    Set-NetIPInterface @to -Dhcp Disabled
    Remove-NetIPAddress @to -AddressFamily IPv4 -Confirm:$false -ErrorAction SilentlyContinue
    Remove-NetRoute @to -AddressFamily IPv4 -DestinationPrefix '0.0.0.0/0' -Confirm:$false -ErrorAction SilentlyContinue
    $addresses = @((& $of 'IPAddressList') -split ',' | ForEach-Object Trim | Where-Object { $_ })
    $masks = @((& $of 'SubnetMask') -split ',' | ForEach-Object Trim)
    for ($place = 0; $place -lt $addresses.Count; $place++) {
      $bits = ([ipaddress]$masks[$place]).GetAddressBytes() | ForEach-Object { [convert]::ToString($_, 2) }
      $length = (-join $bits -replace '0', '').Length
      New-NetIPAddress @to -IPAddress $addresses[$place] -PrefixLength $length | Out-Null
    }
    foreach ($gateway in (& $of 'Gateways') -split ',' | ForEach-Object Trim | Where-Object { $_ }) {
      New-NetRoute @to -DestinationPrefix '0.0.0.0/0' -NextHop $gateway | Out-Null
    }
  }
  $dns = @((& $of 'DNSServerList') -split ',' | ForEach-Object Trim | Where-Object { $_ })
  if ($dns) { Set-DnsClientServerAddress @to -ServerAddresses $dns }
  $suffix = & $of 'DNSSuffix'
  if ($suffix) { Set-DnsClient @to -ConnectionSpecificSuffix $suffix }
}
`;
