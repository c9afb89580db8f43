/**
 * The PowerShell module of the scripts, for Windows PowerShell 5.1 and PowerShell 7. It speaks to the agent
 * itself, with .NET: starting a program for each variable would be slow. It has not been run by any
 * PowerShell yet; what it sends, its names and its form are tested.
 */
export const MODULE_NAME = 'Metalwright';

const MANIFEST = String.raw`@{
    RootModule = 'Metalwright.psm1'
    ModuleVersion = '1.0.0'
    GUID = '5b1f4a0e-6c57-4f0b-9d8e-2f6f3f1c7a41'
    Author = 'Metalwright'
    Description = 'Variables of the running Metalwright task sequence'
    PowerShellVersion = '5.1'
    FunctionsToExport = @('Get-TSVariable', 'Set-TSVariable', 'Get-TSVariableList', 'Get-TSEnvironment')
    CmdletsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
}
`;

const SCRIPT = String.raw`# Variables of the running Metalwright task sequence.
Set-StrictMode -Version 2.0

# One text as JSON. A string from Get-Content carries properties with it: ToString leaves them behind.
function ConvertTo-TSText {
    param([string] $Text)
    ConvertTo-Json -InputObject ($Text.ToString()) -Compress
}

# Opens the way to the agent: a named pipe in Windows, a Unix socket elsewhere.
function Open-TSStream {
    $address = $env:METALWRIGHT_TS
    if ([string]::IsNullOrEmpty($address)) {
        throw 'ts.not-running: METALWRIGHT_TS is not set: no task sequence runs this'
    }
    $pipePrefix = '\\.\pipe\'
    if ($address.StartsWith($pipePrefix)) {
        $pipeName = $address.Substring($pipePrefix.Length)
        $pipe = New-Object -TypeName System.IO.Pipes.NamedPipeClientStream -ArgumentList '.', $pipeName, ([System.IO.Pipes.PipeDirection]::InOut)
        $pipe.Connect(30000)
        return $pipe
    }
    $endPoint = New-Object -TypeName System.Net.Sockets.UnixDomainSocketEndPoint -ArgumentList $address
    $socket = New-Object -TypeName System.Net.Sockets.Socket -ArgumentList ([System.Net.Sockets.AddressFamily]::Unix), ([System.Net.Sockets.SocketType]::Stream), ([System.Net.Sockets.ProtocolType]::Unspecified)
    $socket.Connect($endPoint)
    New-Object -TypeName System.Net.Sockets.NetworkStream -ArgumentList $socket, $true
}

# Sends the lines one after the other, and returns the answer to each.
function Send-TSRequest {
    param([string[]] $Line)
    $stream = Open-TSStream
    try {
        $encoding = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false
        $reader = New-Object -TypeName System.IO.StreamReader -ArgumentList $stream, $encoding
        foreach ($one in $Line) {
            $bytes = $encoding.GetBytes($one + [char]10)
            $stream.Write($bytes, 0, $bytes.Length)
            $stream.Flush()
            $text = $reader.ReadLine()
            if ($null -eq $text) {
                throw 'ts.no-answer: the agent ended before it answered'
            }
            $answer = ConvertFrom-Json -InputObject $text
            if ($answer.kind -eq 'error') {
                throw ($answer.code + ': ' + $answer.message)
            }
            $answer
        }
    }
    finally {
        $stream.Dispose()
    }
}

<#
.SYNOPSIS
Returns the value of a task sequence variable, or nothing when it is not set.
#>
function Get-TSVariable {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true, Position = 0)]
        [string] $Name
    )
    $nameText = ConvertTo-TSText -Text $Name
    $answer = Send-TSRequest -Line ('{"op":"get","name":' + $nameText + '}')
    if ($answer.kind -eq 'variable') {
        $answer.value
    }
}

<#
.SYNOPSIS
Sets a task sequence variable; an empty value deletes it. With -Secret it is hidden in logs and history.
#>
function Set-TSVariable {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true, Position = 0)]
        [string] $Name,
        [Parameter(Mandatory = $true, Position = 1)]
        [AllowEmptyString()]
        [string] $Value,
        [switch] $Secret
    )
    $nameText = ConvertTo-TSText -Text $Name
    $valueText = ConvertTo-TSText -Text $Value
    $secretText = 'false'
    if ($Secret) {
        $secretText = 'true'
    }
    $null = Send-TSRequest -Line ('{"op":"set","name":' + $nameText + ',"value":' + $valueText + ',"secret":' + $secretText + '}')
}

<#
.SYNOPSIS
Lists the task sequence variables: Name and Secret, and with -Values Value too, which is empty for secrets.
#>
function Get-TSVariableList {
    [CmdletBinding()]
    param([switch] $Values)
    $answer = Send-TSRequest -Line '{"op":"list","values":false}'
    foreach ($variable in $answer.variables) {
        $entry = [ordered] @{ Name = $variable.name; Secret = $variable.secret }
        if ($Values) {
            $entry['Value'] = ''
            # One by one: Windows PowerShell reads no JSON text of more than 2 MB.
            if (-not $variable.secret) {
                $entry['Value'] = [string] (Get-TSVariable -Name $variable.name)
            }
        }
        [pscustomobject] $entry
    }
}

<#
.SYNOPSIS
Returns an object that is used like Microsoft.SMS.TSEnvironment of Configuration Manager.
.DESCRIPTION
$tsenv.Value('Name') reads, and gives an empty text for what is not set; $tsenv.Value('Name') = 'text' sets;
$tsenv.GetVariables() gives the names.
#>
function Get-TSEnvironment {
    [CmdletBinding()]
    param()
    if (-not ('Metalwright.TSEnvironment' -as [type])) {
        # Only an indexer of .NET is a property with a parameter, as Value of the COM object is.
        Add-Type -TypeDefinition @'
namespace Metalwright
{
    public sealed class TSEnvironment
    {
        private readonly System.Func<string, string> read;
        private readonly System.Action<string, string> write;
        private readonly System.Func<string[]> list;

        public TSEnvironment(System.Func<string, string> read, System.Action<string, string> write, System.Func<string[]> list)
        {
            this.read = read;
            this.write = write;
            this.list = list;
        }

        [System.Runtime.CompilerServices.IndexerName("Value")]
        public string this[string name]
        {
            get { return read(name); }
            set { write(name, value); }
        }

        public string[] GetVariables()
        {
            return list();
        }
    }
}
'@
    }
    $read = [System.Func[string, string]] { param($name) [string] (Get-TSVariable -Name $name) }
    $write = [System.Action[string, string]] { param($name, $value) Set-TSVariable -Name $name -Value $value }
    $list = [System.Func[string[]]] { [string[]] @(Get-TSVariableList | Select-Object -ExpandProperty Name) }
    New-Object -TypeName Metalwright.TSEnvironment -ArgumentList $read, $write, $list
}

Export-ModuleMember -Function Get-TSVariable, Set-TSVariable, Get-TSVariableList, Get-TSEnvironment
`;

/** Text of each file of the module, by its name. */
export const MODULE_FILES: Readonly<Record<string, string>> = {
  'Metalwright.psd1': MANIFEST,
  'Metalwright.psm1': SCRIPT,
};
