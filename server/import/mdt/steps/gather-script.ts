/**
 * What MDT gathers and rules cannot tell: numbers, versions, lists of addresses. In Windows PE without
 * PowerShell the step is passed over.
 */
export const machineFacts = `
$ErrorActionPreference = 'Stop'
$os = Get-CimInstance Win32_OperatingSystem
$system = Get-CimInstance Win32_ComputerSystem
$processor = Get-CimInstance Win32_Processor | Select-Object -First 1
Set-TSVariable OSCurrentVersion $os.Version
Set-TSVariable OSCurrentBuild $os.BuildNumber
Set-TSVariable Memory ([string][math]::Floor($system.TotalPhysicalMemory / 1MB))
Set-TSVariable ProcessorSpeed ([string]$processor.MaxClockSpeed)
Set-TSVariable Product ([string](Get-CimInstance Win32_BaseBoard | Select-Object -First 1).Product)
Set-TSVariable HostName $env:COMPUTERNAME

$inPE = Test-Path 'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\MiniNT'
$isServer = -not $inPE -and $os.ProductType -ne 1
$family = if ($inPE) { 'WinPE' }
  elseif ($os.Version -like '6.1*') { if ($isServer) { '2008R2' } else { 'Win7Client' } }
  elseif ($os.Version -like '6.0*') { if ($isServer) { '2008' } else { 'Vista' } }
  else { 'Other' }
Set-TSVariable OSVersion $family
Set-TSVariable IsServerOS ([string]$isServer)
Set-TSVariable IsServerCoreOS ([string](-not $inPE -and -not (Test-Path "$env:WINDIR\\explorer.exe")))
Set-TSVariable SupportsX64 ([string]($processor.Architecture -eq 9))
Set-TSVariable SupportsSLAT ([string][bool]$processor.SecondLevelAddressTranslationExtensions)

$battery = @(Get-CimInstance Win32_Battery)
Set-TSVariable IsOnBattery ([string]($battery.Count -gt 0 -and @($battery | Where-Object BatteryStatus -eq 2).Count -eq 0))

$adapters = @(Get-CimInstance Win32_NetworkAdapterConfiguration -Filter 'IPEnabled = TRUE')
$lists = @{
  MacAddress = $adapters.MACAddress
  IPAddress = $adapters.IPAddress | Where-Object { $_ -and $_ -ne '0.0.0.0' -and $_ -notlike '169.254.*' }
  DefaultGateway = $adapters.DefaultIPGateway
}
foreach ($name in $lists.Keys) {
  $place = 0
  foreach ($value in @($lists[$name] | Where-Object { $_ } | Select-Object -Unique)) {
    $place++
    Set-TSVariable ('{0}{1:000}' -f $name, $place) $value
  }
}
`;
