/** The local administrator of an installed Windows, known by its RID: its name is another in each language. */

/** Exit codes of the script. */
export const administratorEnd = { done: 0, noAccount: 2, unchanged: 3 } as const;

const CLASS = 'Win32_UserAccount';
const FILTER = "LocalAccount = TRUE AND SID LIKE 'S-1-5-21-%-500'";

/**
 * A script of Windows PowerShell 3 and newer that disables or enables the account, reads it back and prints its
 * name. A domain controller has no such account.
 */
function administratorScript(disabled: boolean): string {
  const [wanted, other] = disabled ? ['$true', '$false'] : ['$false', '$true'];
  const { noAccount, unchanged } = administratorEnd;
  return [
    "$ErrorActionPreference = 'Stop'",
    "$ProgressPreference = 'SilentlyContinue'",
    `$filter = "${FILTER}"`,
    `$account = Get-CimInstance -ClassName ${CLASS} -Filter $filter`,
    `if ($null -eq $account) { exit ${noAccount} }`,
    `if ($account.Disabled -eq ${other}) { Set-CimInstance -InputObject $account -Property @{ Disabled = ${wanted} } }`,
    `$account = Get-CimInstance -ClassName ${CLASS} -Filter $filter`,
    `if ($account.Disabled -ne ${wanted}) { exit ${unchanged} }`,
    'Write-Output $account.Name',
    'exit 0',
  ].join('\n');
}

/** Arguments for PowerShell; the script is in them, so that no policy of execution keeps it. */
export function administratorArguments(disabled: boolean): readonly string[] {
  const encoded = Buffer.from(administratorScript(disabled), 'utf16le').toString('base64');
  return ['-NoLogo', '-NoProfile', '-NonInteractive', '-EncodedCommand', encoded];
}
