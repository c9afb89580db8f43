<#
.SYNOPSIS
  Makes a Windows PE with the optional components that task sequences need, and stores it as a boot image.
.DESCRIPTION
  Needs Windows with the Windows ADK and its Windows PE add-on, started as an administrator. Nothing of this machine is
  changed: all is done in a folder that is deleted at the end. The upload trusts the site CA that is named, and no other.
#>
[CmdletBinding()]
param(
  [Parameter(Mandatory)] [uri] $Server,
  [Parameter(Mandatory)] [string] $TokenFile,
  [Parameter(Mandatory)] [string] $SiteCa,
  [string] $Name = 'Windows PE',
  [ValidateSet('amd64', 'arm64')] [string] $Architecture = 'amd64',
  [string] $Language = 'en-US',
  # Folder with drivers that DISM puts in: storage and network only.
  [string] $Drivers,
  [string] $AdkRoot = "${env:ProgramFiles(x86)}\Windows Kits\10\Assessment and Deployment Kit",
  [string] $WorkFolder = (Join-Path $env:TEMP ('metalwright-pe-' + [guid]::NewGuid()))
)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

# In the order in which they need each other.
$components = 'WinPE-WMI', 'WinPE-NetFx', 'WinPE-Scripting', 'WinPE-PowerShell', 'WinPE-StorageWMI',
  'WinPE-DismCmdlets', 'WinPE-SecureStartup', 'WinPE-EnhancedStorage', 'WinPE-Dot3Svc'

function Invoke-Tool([string] $Tool, [string[]] $Arguments) {
  & $Tool @Arguments
  if ($LASTEXITCODE -ne 0) { throw "$Tool $($Arguments -join ' ') ended with $LASTEXITCODE" }
}

$pe = Join-Path $AdkRoot "Windows Preinstallation Environment\$Architecture"
$source = Join-Path $pe 'en-us\winpe.wim'
if (-not (Test-Path $source)) {
  throw "$source is missing. Install the Windows ADK and its Windows PE add-on, or name its folder with -AdkRoot."
}
$wim = Join-Path $WorkFolder 'boot.wim'
$mount = Join-Path $WorkFolder 'mount'
New-Item -ItemType Directory -Path $mount -Force | Out-Null
$mounted = $false
try {
  Copy-Item $source $wim
  Set-ItemProperty $wim -Name IsReadOnly -Value $false
  Invoke-Tool dism.exe @('/Mount-Image', "/ImageFile:$wim", '/Index:1', "/MountDir:$mount")
  $mounted = $true
  $packages = Join-Path $pe 'WinPE_OCs'
  foreach ($component in $components) {
    $cab = Join-Path $packages "$component.cab"
    if (-not (Test-Path $cab)) { Write-Warning "$component is not in this ADK for $Architecture"; continue }
    Invoke-Tool dism.exe @("/Image:$mount", '/Add-Package', "/PackagePath:$cab")
    $localised = Join-Path $packages "$Language\${component}_$Language.cab"
    if (Test-Path $localised) {
      Invoke-Tool dism.exe @("/Image:$mount", '/Add-Package', "/PackagePath:$localised")
    }
  }
  if ($Drivers) { Invoke-Tool dism.exe @("/Image:$mount", '/Add-Driver', "/Driver:$Drivers", '/Recurse') }
  Invoke-Tool dism.exe @('/Unmount-Image', "/MountDir:$mount", '/Commit')
  $mounted = $false

  # curl.exe comes with Windows 10 1803 and newer. The server's certificate bears the name it is reached by.
  $token = (Get-Content -Raw $TokenFile).Trim()
  $header = Join-Path $WorkFolder 'header'
  Set-Content -Path $header -Value "authorization: Bearer $token" -Encoding ascii
  $url = "$($Server.ToString().TrimEnd('/'))/api/v1/boot-images?name=$([uri]::EscapeDataString($Name))"
  Invoke-Tool curl.exe @('--fail-with-body', '--silent', '--show-error', '--ssl-no-revoke', '--cacert', $SiteCa,
    '--header', "@$header", '--header', 'content-type: application/octet-stream', '--data-binary', "@$wim", $url)
}
finally {
  if ($mounted) { & dism.exe /Unmount-Image "/MountDir:$mount" /Discard | Out-Null }
  Remove-Item -Recurse -Force $WorkFolder -ErrorAction SilentlyContinue
}
