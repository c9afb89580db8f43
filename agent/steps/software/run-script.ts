import { type StepContext, StepError } from '#agent/sequence/step.ts';

const TIMEOUT_MS = 10 * 60_000;

/**
 * Runs a script of a rule: PowerShell, or with a first line `#!` what that names. What it prints to its end is answered.
 * @throws {StepError} `powershell.missing`, `process.*`
 */
export async function runRuleScript(
  script: string,
  { platform, signal, environment }: Pick<StepContext, 'platform' | 'signal' | 'environment'>,
): Promise<{ readonly code: number; readonly output: string }> {
  const [, interpreter] = /^#!\s*([^\s]+)[^\n]*\n/.exec(script) ?? [];
  const name = interpreter === undefined ? 'rule.ps1' : 'rule.sh';
  // Windows PowerShell takes a script without a byte order mark for ANSI.
  const text = interpreter === undefined ? `\ufeff${script.replace(/^\ufeff/, '')}` : script;
  await using scratch = await platform.process.scratch(
    { [name]: new TextEncoder().encode(text) },
    signal,
  );
  const file = scratch.file(name);
  const argv: readonly [string, ...string[]] =
    interpreter === undefined
      ? [
          ...(await platform.process.powershell(signal)),
          '-NoProfile',
          '-NonInteractive',
          '-ExecutionPolicy',
          'Bypass',
          '-File',
          file,
        ]
      : [interpreter, file];
  const { code, output, timedOut } = await platform.process.run(
    { argv, environment: environment(), timeoutMs: TIMEOUT_MS },
    signal,
  );
  if (timedOut)
    throw new StepError('step.timeout', 'The script of a rule ran longer than 10 minutes');
  return { code, output: output.trim() };
}
