import type { MappedStep } from '../../map-step.ts';
import type { StepReader } from '../../step-reader.ts';
import { isMdtSecretName } from '../secret-name.ts';
import {
  equivalent,
  inOrder,
  type MapMdtStep,
  powershell,
  programSettings,
  setVariables,
} from '../step-parts.ts';

/** The settings of the step as variables, and a script that reads them. */
function configured(
  reader: StepReader,
  { settings, script, reason }: { settings: RegExp; script: string; reason: string },
): MappedStep {
  const program = programSettings(reader);
  const values: Record<string, string> = {};
  for (const { name, value } of reader.matching(settings)) {
    if (value.trim() === '') continue;
    values[name] = isMdtSecretName(name)
      ? (reader.secret(`The value of ${name}`, name) ?? '')
      : value;
  }
  return equivalent(reason, ...inOrder(setVariables(values), powershell(script, program)));
}

/** ZTIConfigureADDS. */
export const configureAdds: MapMdtStep = (reader) =>
  configured(reader, {
    settings:
      /^(?:ReplicaOrNewDomain|NewDomain|NewDomainDNSName|ParentDomainDNSName|ReplicaDomainDNSName|ChildName|DomainNetBiosName|ForestLevel|DomainLevel|AutoConfigDNS|ConfirmGC|CriticalReplicationOnly|ADDS\w+|ReplicationSourceDC|DatabasePath|SysVolPath|SafeModeAdminPassword|SiteName)$/i,
    script: addsScript,
    reason: 'A script makes the server a domain controller from the same variables',
  });

/** ZTIConfigureDHCP. */
export const configureDhcp: MapMdtStep = (reader) =>
  configured(reader, {
    settings: /^DHCP(?:Scopes|ServerOption)/i,
    script: dhcpScript,
    reason: 'A script configures the DHCP server from the same variables',
  });

/** ZTIConfigureDNS. */
export const configureDns: MapMdtStep = (reader) =>
  configured(reader, {
    settings: /^DNS(?:Zones|ServerOption)/i,
    script: dnsScript,
    reason: 'A script configures the DNS server from the same variables',
  });

/** ZTIAuthorizeDHCP. */
export const authorizeDhcp: MapMdtStep = (reader) =>
  equivalent('netsh authorizes the DHCP server in Active Directory', {
    type: 'run-command',
    params: {
      commandLine: 'netsh.exe dhcp add server %COMPUTERNAME%.%USERDNSDOMAIN%',
      ...programSettings(reader),
    },
  });

const addsScript = `
$ErrorActionPreference = 'Stop'
$of = { param($name) Get-TSVariable $name }
$options = @{ NoRebootOnCompletion = $true; Force = $true }
if (& $of 'SafeModeAdminPassword') {
  $options.SafeModeAdministratorPassword = ConvertTo-SecureString (& $of 'SafeModeAdminPassword') -AsPlainText -Force
}
if (& $of 'DatabasePath') { $options.DatabasePath = & $of 'DatabasePath' }
if (& $of 'ADDSLogPath') { $options.LogPath = & $of 'ADDSLogPath' }
if (& $of 'SysVolPath') { $options.SysvolPath = & $of 'SysVolPath' }
if (& $of 'SiteName') { $options.SiteName = & $of 'SiteName' }
$options.InstallDns = (& $of 'AutoConfigDNS') -match '^(yes|true|1)$'
if (& $of 'ADDSUserName') {
  $secret = ConvertTo-SecureString (& $of 'ADDSPassword') -AsPlainText -Force
  $options.Credential = [pscredential]::new("$(& $of 'ADDSUserDomain')\\$(& $of 'ADDSUserName')", $secret)
}
$levels = @{ '2' = 'Win2003'; '3' = 'Win2008'; '4' = 'Win2008R2'; '5' = 'Win2012'; '6' = 'Win2012R2'; '7' = 'WinThreshold' }
$level = { param($name) $value = & $of $name; if ($levels[$value]) { $levels[$value] } else { $value } }
Import-Module ADDSDeployment
switch -Regex (& $of 'ReplicaOrNewDomain') {
  'Replica' {
    if ($_ -eq 'ReadOnlyReplica') { $options.ReadOnlyReplica = $true }
    if (& $of 'ReplicationSourceDC') { $options.ReplicationSourceDC = & $of 'ReplicationSourceDC' }
    Install-ADDSDomainController -DomainName (& $of 'ReplicaDomainDNSName') @options
  }
  default {
    if (& $of 'DomainLevel') { $options.DomainMode = & $level 'DomainLevel' }
    if ((& $of 'NewDomain') -eq 'Forest') {
      if (& $of 'ForestLevel') { $options.ForestMode = & $level 'ForestLevel' }
      if (& $of 'DomainNetBiosName') { $options.DomainNetbiosName = & $of 'DomainNetBiosName' }
      $options.Remove('SiteName')
      Install-ADDSForest -DomainName (& $of 'NewDomainDNSName') @options
    } else {
      if (& $of 'DomainNetBiosName') { $options.NewDomainNetbiosName = & $of 'DomainNetBiosName' }
      $isChild = (& $of 'NewDomain') -eq 'Child'
      $options.NewDomainName = if ($isChild) { & $of 'ChildName' } else { & $of 'NewDomainDNSName' }
      $options.DomainType = if ($isChild) { 'ChildDomain' } else { 'TreeDomain' }
      Install-ADDSDomain -ParentDomainName (& $of 'ParentDomainDNSName') @options
    }
  }
}
exit 3010
`;

const dhcpScript = `
$ErrorActionPreference = 'Stop'
$of = { param($name) Get-TSVariable $name }
$split = { param($text) @("$text" -split '[,;\\s]+' | Where-Object { $_ }) }
function Set-Options($prefix, $scope) {
  $to = if ($scope) { @{ ScopeId = $scope } } else { @{} }
  $router = & $split (& $of ($prefix + 'Router'))
  if ($router) { Set-DhcpServerv4OptionValue @to -Router $router }
  $dns = & $split (& $of ($prefix + 'DNSServer'))
  if ($dns) { Set-DhcpServerv4OptionValue @to -DnsServer $dns -Force }
  $wins = & $split (& $of ($prefix + 'WINSServer'))
  if ($wins) { Set-DhcpServerv4OptionValue @to -WinsServer $wins }
  $domain = & $of ($prefix + 'DNSDomainName')
  if ($domain) { Set-DhcpServerv4OptionValue @to -DnsDomain $domain }
  $node = & $of ($prefix + 'NBTNodeType')
  if ($node) { Set-DhcpServerv4OptionValue @to -OptionId 46 -Value $node }
  $pxe = & $of ($prefix + 'PXEClient')
  if ($pxe) { Set-DhcpServerv4OptionValue @to -OptionId 60 -Value $pxe }
}
Set-Options 'DHCPServerOption' $null
$count = [int]('0' + (& $of 'DHCPScopes'))
for ($index = 0; $index -lt $count; $index++) {
  $field = { param($name) & $of "DHCPScopes$index$name" }
  $scope = & $field 'IP'
  if (-not $scope) { continue }
  $options = @{ Name = & $field 'Name'; StartRange = & $field 'StartIP'; EndRange = & $field 'EndIP'; SubnetMask = & $field 'SubnetMask' }
  if (& $field 'Description') { $options.Description = & $field 'Description' }
  $lease = & $field 'OptionLease'
  if ($lease) { $options.LeaseDuration = [timespan]::FromSeconds([double]$lease) }
  Add-DhcpServerv4Scope @options
  if (& $field 'ExcludeStartIP') {
    Add-DhcpServerv4ExclusionRange -ScopeId $scope -StartRange (& $field 'ExcludeStartIP') -EndRange (& $field 'ExcludeEndIP')
  }
  Set-Options "DHCPScopes\${index}Option" $scope
}
`;

const dnsScript = `
$ErrorActionPreference = 'Stop'
$of = { param($name) Get-TSVariable $name }
$count = [int]('0' + (& $of 'DNSZones'))
for ($index = 0; $index -lt $count; $index++) {
  $field = { param($name) & $of "DNSZones$index$name" }
  $name = & $field 'Name'
  if (-not $name) { continue }
  $type = & $field 'Type'
  $file = if (& $field 'FileName') { & $field 'FileName' } else { "$name.dns" }
  $masters = @((& $field 'MasterIP') -split '[,;\\s]+' | Where-Object { $_ })
  $partition = @{ Forest = 'Forest'; Domain = 'Domain'; Legacy = 'Legacy' }[[string](& $field 'DirectoryPartition')]
  $isAd = $type -like 'DS*' -or $partition
  if ($type -like '*Secondary') { Add-DnsServerSecondaryZone -Name $name -ZoneFile $file -MasterServers $masters }
  elseif ($type -like '*Stub') { Add-DnsServerStubZone -Name $name -ZoneFile $file -MasterServers $masters }
  elseif ($isAd) { Add-DnsServerPrimaryZone -Name $name -ReplicationScope $(if ($partition) { $partition } else { 'Domain' }) }
  else { Add-DnsServerPrimaryZone -Name $name -ZoneFile $file }
  $updates = @{ '0' = 'None'; '1' = 'NonsecureAndSecure'; '2' = 'Secure' }[[string](& $field 'Update')]
  if ($updates -and $type -notlike '*Secondary' -and $type -notlike '*Stub') { Set-DnsServerPrimaryZone -Name $name -DynamicUpdate $updates }
  if ((& $field 'Scavenge') -match '^(true|1|yes)$') { Set-DnsServerZoneAging -Name $name -Aging $true }
}
$switches = @{
  DisableRecursion = '/NoRecursion'; BINDSecondaries = '/BindSecondaries'; FailOnLoad = '/StrictFileParsing'
  EnableRoundRobin = '/RoundRobin'; EnableNetmaskOrdering = '/LocalNetPriority'; EnableSecureCache = '/SecureResponses'
}
foreach ($name in $switches.Keys) {
  $value = & $of "DNSServerOption$name"
  if ($value) { dnscmd.exe /Config $switches[$name] $(if ($value -match '^(true|1|yes)$') { 1 } else { 0 }) | Out-Null }
}
$check = & $of 'DNSServerOptionNameCheckFlag'
if ($check) { dnscmd.exe /Config /NameCheckFlag $check | Out-Null }
`;
