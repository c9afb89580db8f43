import { z } from 'zod';
import type { WmiInventory } from '../../../sequence/query-capability.ts';
import { QueryError } from '../../../sequence/query-error.ts';
import type { WindowsParts } from './parts.ts';

const QUERY_SECONDS = 60;
/** Starting PowerShell in Windows PE alone can take twenty seconds. */
const START_MS = 60_000;

/** WMI, reached by the CIM commands of Windows PowerShell. */
export interface Cim {
  /** @throws {QueryError} `query.wmi-*`, `query.timeout` */
  hasRow(namespace: string, query: string, signal: AbortSignal): Promise<boolean>;
  /** All instances of classes; one that this Windows has not is left out. @throws {QueryError} as above */
  instances(classes: readonly CimClass[], signal: AbortSignal): Promise<WmiInventory>;
}
export interface CimClass {
  readonly namespace: string;
  readonly name: string;
}

/**
 * What both scripts share. The request comes as base64 on standard input, so that no text of a sequence is
 * part of a command or of a script, and no length or code page matters; the answer goes out the same way.
 */
const FRAME = String.raw`
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
try {
  $text = @($input) -join ''
  if ($text -eq '') { $text = [Console]::In.ReadToEnd() }
  $r = ConvertFrom-Json ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text.Trim())))
  BODY
} catch {
  $e = $_.Exception
  $answer = @{ error = @{ native = [string]$e.NativeErrorCode; status = [string]$e.StatusCode; message = [string]$e.Message } }
}
$json = ConvertTo-Json -Compress -Depth 6 $answer
[Console]::Out.WriteLine([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($json)))
`;
const HAS_ROW = FRAME.replace(
  'BODY',
  () => String.raw`
  $first = Get-CimInstance -Namespace $r.namespace -Query $r.query -OperationTimeoutSec $r.seconds | Select-Object -First 1
  $answer = @{ found = ($null -ne $first) }`,
);
/** Values in WMI's own form: 64-bit numbers as digits, times as CIM datetimes in UTC, arrays of texts. */
const INSTANCES = FRAME.replace(
  'BODY',
  () => String.raw`
  $classes = @{}
  foreach ($class in $r.classes) {
    try {
      $found = @(Get-CimInstance -Namespace $class.namespace -ClassName $class.name -OperationTimeoutSec $r.seconds)
    } catch {
      if (@('InvalidClass', 'InvalidNamespace', 'AccessDenied') -contains [string]$_.Exception.NativeErrorCode) { continue }
      throw
    }
    $rows = New-Object System.Collections.ArrayList
    foreach ($instance in $found) {
      $row = @{}
      foreach ($property in $instance.CimInstanceProperties) {
        $v = $property.Value
        if ($v -is [array]) { $row[$property.Name] = [string[]]@($v | ForEach-Object { [string]$_ }) }
        elseif ($v -is [datetime]) { $row[$property.Name] = $v.ToUniversalTime().ToString('yyyyMMddHHmmss.ffffff') + '+000' }
        elseif ($v -is [uint64] -or $v -is [int64]) { $row[$property.Name] = [string]$v }
        elseif ($v -is [string] -or $v -is [bool]) { $row[$property.Name] = $v }
        elseif ($v -is [ValueType] -and -not ($v -is [timespan])) { $row[$property.Name] = [double]$v }
        else { $row[$property.Name] = $null }
      }
      [void]$rows.Add($row)
    }
    $classes[$class.name] = $rows
  }
  $answer = @{ classes = $classes }`,
);

const Failure = z.object({
  error: z.object({ native: z.string(), status: z.string(), message: z.string() }),
});
const Found = z.object({ found: z.boolean() });
const WmiValue = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]);
const Classes = z.object({
  classes: z.record(z.string(), z.array(z.record(z.string(), WmiValue))),
});

/** Names of `NativeErrorCode`, and the WMI status codes that stand for the same. */
const KNOWN_FAILURES = [
  ['query.wmi-class', 'InvalidClass', 0x80041010],
  ['query.wmi-namespace', 'InvalidNamespace', 0x8004100e],
  ['query.wmi-query', 'InvalidQuery', 0x80041017],
  ['query.wmi-denied', 'AccessDenied', 0x80041003],
] as const;

/** @param powershell path of `powershell.exe` */
export function openCim({ run }: Pick<WindowsParts, 'run'>, powershell: string): Cim {
  const ask = async <Schema extends z.ZodType>(
    schema: Schema,
    asked: {
      readonly script: string;
      readonly request: Readonly<Record<string, unknown>>;
      readonly timeoutMs: number;
    },
    signal: AbortSignal,
  ): Promise<z.output<Schema>> => {
    const { script, request, timeoutMs } = asked;
    const encoded = Buffer.from(script, 'utf16le').toString('base64');
    const options = ['-NoProfile', '-NonInteractive', '-NoLogo', '-EncodedCommand', encoded];
    const input = Buffer.from(JSON.stringify({ ...request, seconds: QUERY_SECONDS })).toString(
      'base64',
    );
    const answer = await run({ argv: [powershell, ...options], input, timeoutMs }, signal);
    if (answer.timedOut)
      throw new QueryError('query.timeout', `WMI did not answer in ${timeoutMs / 1000} s`);
    const value = decode(answer.stdout);
    const failure = Failure.safeParse(value);
    if (failure.success) throw wmiError(failure.data.error);
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new QueryError(
      'query.wmi-failed',
      `PowerShell ended with exit code ${answer.code} and no answer that is understood`,
      { hint: 'Does Get-CimInstance work there?' },
    );
  };
  return {
    async hasRow(namespace, query, signal) {
      const timeoutMs = START_MS + QUERY_SECONDS * 1000;
      const request = { namespace, query };
      return (await ask(Found, { script: HAS_ROW, request, timeoutMs }, signal)).found;
    },
    async instances(classes, signal) {
      const timeoutMs = START_MS + classes.length * QUERY_SECONDS * 1000;
      return (await ask(Classes, { script: INSTANCES, request: { classes }, timeoutMs }, signal))
        .classes;
    },
  };
}

/** The last line alone: a profile or a module may have written before it. */
function decode(stdout: Uint8Array): unknown {
  const line = Buffer.from(stdout).toString('latin1').trim().split(/\r?\n/).at(-1) ?? '';
  if (!/^[A-Za-z0-9+/]+=*$/.test(line)) return undefined;
  try {
    return JSON.parse(Buffer.from(line, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}

function wmiError(error: z.output<typeof Failure>['error']): QueryError {
  const { native, status, message } = error;
  const known = KNOWN_FAILURES.find(
    ([, name, number]) => native === name || Number(status) === number,
  );
  return new QueryError(known?.[0] ?? 'query.wmi-failed', `WMI: ${message.slice(0, 1000)}`);
}
