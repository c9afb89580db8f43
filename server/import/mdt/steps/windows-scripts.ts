/** The texts of scripts that do what scripts of MDT do. Variables are in their environment. */

export const groupsScript = `
param([string]$Action = 'capture')
$ErrorActionPreference = 'Stop'
$wellKnown = @{ Administrators = 'S-1-5-32-544'; Users = 'S-1-5-32-545'; Guests = 'S-1-5-32-546'; 'Power Users' = 'S-1-5-32-547' }
function Get-List($name) {
  for ($place = 1; $value = Get-TSVariable ('{0}{1:000}' -f $name, $place); $place++) { $value }
}
function Set-List($name, $values) {
  $place = 0
  foreach ($value in $values) { $place++; Set-TSVariable ('{0}{1:000}' -f $name, $place) $value }
}
function Find-Group($name) {
  if ($wellKnown[$name]) { Get-LocalGroup -SID $wellKnown[$name] -ErrorAction SilentlyContinue }
  else { Get-LocalGroup -Name $name -ErrorAction SilentlyContinue }
}
$groups = @(Get-List 'Groups')
if ($Action -eq 'capture' -and $env:CaptureGroups -eq 'ALL') {
  $groups = @($groups + @(Get-LocalGroup | ForEach-Object { "$($_.Name),$($_.Description)" }) | Select-Object -Unique)
}
if (-not $groups) { $groups = @('Administrators', 'Power Users') }
foreach ($entry in $groups) {
  $name, $description = $entry -split ',', 2
  $list = $name -replace ' ', ''
  $group = Find-Group $name
  if ($Action -eq 'capture') {
    if (-not $group) { Write-Warning "There is no group $name"; continue }
    $members = @(([adsi]"WinNT://./$($group.Name),group").Invoke('Members') | ForEach-Object {
      $path = $_.GetType().InvokeMember('ADsPath', 'GetProperty', $null, $_, $null) -replace '^WinNT://', ''
      ($path -split '/' | Select-Object -Last 2) -join '\\'
    })
    Set-List $list @(@(Get-List $list) + $members | Select-Object -Unique)
  } else {
    if (-not $group) { $group = New-LocalGroup -Name $name -Description "$description" }
    foreach ($member in Get-List $list) {
      try { Add-LocalGroupMember -Group $group -Member $member }
      catch { Write-Warning "$member was not added to $name: $($_.Exception.Message)" }
    }
  }
}
if ($Action -eq 'capture') { Set-List 'Groups' $groups }
exit 0
`;

export const tattooScript = `
$ErrorActionPreference = 'Stop'
$key = 'HKLM:\\SOFTWARE\\Microsoft\\Deployment 4'
if (-not (Test-Path $key)) { New-Item $key -Force | Out-Null }
$now = [Management.ManagementDateTimeConverter]::ToDmtfDateTime((Get-Date))
$prefix = if ($env:DoCapture -in 'YES', 'SYSPREP', 'PREPARE') { 'Capture ' } else { '' }
$values = @{ 'Task Sequence ID' = $env:TaskSequenceID; 'Task Sequence Name' = $env:TaskSequenceName; 'Task Sequence Version' = $env:TaskSequenceVersion }
if ($prefix) { $values['Method'] = 'LTI'; $values['Timestamp'] = $now }
else {
  $values['Deployment Method'] = 'LTI'
  $values['Deployment Source'] = $env:DeploymentMethod
  $values['Deployment Type'] = $env:DeploymentType
  $values['Deployment Timestamp'] = $now
}
foreach ($name in $values.Keys) { Set-ItemProperty $key -Name "$prefix$name" -Value ([string]$values[$name]) }
`;

export const biosCheckScript = `
$ErrorActionPreference = 'Stop'
$list = "$env:DeployRoot\\Scripts\\ZTIBIOSCheck.xml"
if (-not $env:DeployRoot -or -not (Test-Path $list)) { 'There is no list of BIOS versions to compare with'; exit 0 }
$product = Get-CimInstance Win32_ComputerSystemProduct | Select-Object -First 1
$bios = Get-CimInstance Win32_BIOS | Select-Object -First 1
$seen = @{ 'Computer Manufacturer' = $product.Vendor; Model = $product.Name; Date = [Management.ManagementDateTimeConverter]::ToDmtfDateTime($bios.ReleaseDate) }
$code = 0
foreach ($lookup in ([xml](Get-Content $list -Raw)).SelectNodes('//DRIVER/LOOKUP')) {
  $tests = @($lookup.SelectNodes("DATA[@VALUETYPE='string']") | Where-Object { $seen.ContainsKey($_.NAME) })
  if ($tests -and -not @($tests | Where-Object { $seen[$_.NAME] -ne $_.VALUE })) {
    Write-Warning "The BIOS of this machine is on the list: $($lookup.NAME)"
    $code = 1
  }
}
exit $code
`;

export const appMigrationScript = `
$ErrorActionPreference = 'Stop'
$folder = if ($env:_SMSTSMDataPath) { $env:_SMSTSMDataPath } else { $env:TEMP }
New-Item $folder -ItemType Directory -Force | Out-Null
$types = @(Get-ChildItem Registry::HKEY_CLASSES_ROOT | ForEach-Object PSChildName | Where-Object { $_ -match '^\\.[A-Za-z0-9_-]{1,20}$' } | Where-Object {
  $class = (Get-Item "Registry::HKEY_CLASSES_ROOT\\$_").GetValue('')
  $class -and (Test-Path "Registry::HKEY_CLASSES_ROOT\\$class\\shell\\open\\command") -and $_ -notin '.exe', '.com', '.bat', '.cmd', '.dll', '.sys', '.msi', '.lnk', '.reg', '.inf'
})
$patterns = ($types | ForEach-Object { "          <script>MigXmlHelper.GenerateDrivePatterns (&quot;* [*$_]&quot;, &quot;Fixed&quot;)</script>" }) -join [Environment]::NewLine
$file = Join-Path $folder 'AppMigration.xml'
@"
<?xml version="1.0" encoding="UTF-8"?>
<migration urlid="http://www.microsoft.com/migration/1.0/migxmlext/appmigration">
  <component type="Documents" context="System">
    <displayName>Files of the types that are known here</displayName>
    <role role="Data">
      <rules>
        <include><objectSet>
$patterns
        </objectSet></include>
        <exclude><objectSet>
          <pattern type="File">%WINDIR%\\* [*]</pattern>
          <pattern type="File">%PROGRAMFILES%\\* [*]</pattern>
        </objectSet></exclude>
      </rules>
    </role>
  </component>
</migration>
"@ | Set-Content $file -Encoding UTF8
Set-TSVariable ScanStateArgs ("$(Get-TSVariable ScanStateArgs) /i:\`"$file\`"".Trim())
`;
