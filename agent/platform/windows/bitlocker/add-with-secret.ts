import { z } from 'zod';
import { StepError } from '../../../sequence/step-error.ts';
import type { RunWindowsTool } from '../run-tool.ts';
import { toolExit } from '../tools/exit-codes.ts';

/** A protector whose secret is given: manage-bde takes it in its argv, or from a keyboard. */
export type SecretProtector =
  | { readonly method: 'ProtectKeyWithTPMAndPIN'; readonly secret: string }
  | { readonly method: 'ProtectKeyWithNumericalPassword'; readonly secret: string }
  /** The key of 256 bits is saved in `folder`. */
  | {
      readonly method: 'ProtectKeyWithExternalKey' | 'ProtectKeyWithTPMAndStartupKey';
      readonly secret: string;
      readonly folder: string;
    };

const TIMEOUT_MS = 180_000;

/**
 * Calls `Win32_EncryptableVolume`, which manage-bde is a shell of. The request is base64 on standard input:
 * argv, which every process can read, has the script only. Numbers and ids come back, no words.
 */
const SCRIPT = String.raw`
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
try {
  $text = @($input) -join ''
  if ($text -eq '') { $text = [Console]::In.ReadToEnd() }
  $r = ConvertFrom-Json ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text.Trim())))
  $volume = Get-CimInstance -Namespace root/cimv2/Security/MicrosoftVolumeEncryption -ClassName Win32_EncryptableVolume | Where-Object { $_.DriveLetter -eq $r.drive }
  if ($null -eq $volume) { throw 'no such volume' }
  switch ($r.method) {
    'ProtectKeyWithTPMAndPIN' { $a = @{ PIN = [string]$r.secret } }
    'ProtectKeyWithNumericalPassword' { $a = @{ NumericalPassword = [string]$r.secret } }
    default { $a = @{ ExternalKey = [byte[]][Convert]::FromBase64String($r.secret) } }
  }
  $done = Invoke-CimMethod -InputObject $volume -MethodName $r.method -Arguments $a
  $code = $done.ReturnValue
  if ($code -eq 0 -and $r.folder) {
    $code = (Invoke-CimMethod -InputObject $volume -MethodName SaveExternalKeyToFile -Arguments @{ VolumeKeyProtectorID = $done.VolumeKeyProtectorID; Path = [string]$r.folder }).ReturnValue
    if ($code -ne 0) { [void](Invoke-CimMethod -InputObject $volume -MethodName DeleteKeyProtector -Arguments @{ VolumeKeyProtectorID = $done.VolumeKeyProtectorID }) }
  }
  $answer = @{ code = [string]$code; id = [string]$done.VolumeKeyProtectorID }
} catch {
  $answer = @{ error = [string]$_.Exception.Message }
}
[Console]::Out.WriteLine([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes((ConvertTo-Json -Compress $answer))))
`;

const Answer = z.union([
  z.object({ code: z.string().regex(/^\d{1,10}$/), id: z.string().max(100) }),
  z.object({ error: z.string() }),
]);

/** Returns the id of the new protector. @throws {StepError} `bitlocker.protector`, `tool.*`, `process.*` */
export async function addWithSecret(
  { runTool, powershell }: { readonly runTool: RunWindowsTool; readonly powershell: string },
  { drive, protector }: { readonly drive: string; readonly protector: SecretProtector },
  signal: AbortSignal,
): Promise<string> {
  const encoded = Buffer.from(SCRIPT, 'utf16le').toString('base64');
  const input = Buffer.from(JSON.stringify({ drive, ...protector })).toString('base64');
  const options = ['-NoLogo', '-NoProfile', '-NonInteractive', '-EncodedCommand', encoded];
  const title = `powershell.exe, ${protector.method} of ${drive}`;
  const { stdout } = await runTool(
    { argv: [powershell, ...options], input, title, timeoutMs: TIMEOUT_MS },
    signal,
  );
  const answer = Answer.safeParse(decode(stdout));
  if (!answer.success) throw failure(title, 'it gave no answer that is understood');
  if ('error' in answer.data) throw failure(title, answer.data.error.slice(0, 500));
  const { code, id } = answer.data;
  if (code !== '0') {
    const number = Number(code) >>> 0;
    const { meaning } = toolExit('manage-bde', number);
    throw failure(title, `0x${number.toString(16)} (${meaning})`, number);
  }
  return id;
}

/** The last line alone: a profile or a module may have written before it. */
function decode(stdout: string): unknown {
  const line = stdout.trim().split(/\r?\n/).at(-1) ?? '';
  if (!/^[A-Za-z0-9+/]+=*$/.test(line)) return undefined;
  try {
    return JSON.parse(Buffer.from(line, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}

function failure(title: string, reason: string, exitCode = 0x80004005): StepError {
  return new StepError(
    'bitlocker.protector',
    `The key protector was not added: ${title}: ${reason}`,
    {
      hint: 'Policies of BitLocker say how long a PIN is and which protectors are allowed.',
      exitCode,
    },
  );
}
