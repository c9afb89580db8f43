import { describe, expect, it } from 'vitest';
import { StepVariables } from '../sequence/step-variables.ts';
import { Variables } from '../sequence/variables.ts';
import { RequestAnswerer } from './answer-request.ts';
import { MODULE_FILES } from './powershell-module.ts';

const script = MODULE_FILES['Metalwright.psm1'] ?? '';
const manifest = MODULE_FILES['Metalwright.psd1'] ?? '';
const functions = ['Get-TSVariable', 'Set-TSVariable', 'Get-TSVariableList', 'Get-TSEnvironment'];

/** The script without comments and texts, so that what is left is code. */
const code = script
  .replaceAll(/<#[\s\S]*?#>/g, '')
  .replaceAll(/@'\n[\s\S]*?\n'@/g, "''")
  .replaceAll(/'[^'\n]*'/g, "''")
  .replaceAll(/#.*$/gm, '');

describe('M11 the PowerShell module (not run here: there is no PowerShell)', () => {
  it('is plain ASCII: Windows PowerShell reads a file without a mark in the code page', () => {
    for (const text of Object.values(MODULE_FILES)) expect(text).toMatch(/^[\t\n\x20-\x7e]*$/);
  });

  it('opens and closes its brackets in order', () => {
    const closing: Record<string, string> = { ')': '(', '}': '{', ']': '[' };
    const open: string[] = [];
    for (const [bracket] of code.matchAll(/[(){}[\]]/g)) {
      const opener = closing[bracket];
      if (opener === undefined) open.push(bracket);
      else expect(open.pop()).toBe(opener);
    }
    expect(open).toEqual([]);
    expect(code.replaceAll("''", '')).not.toMatch(/['"`]/);
  });

  it('exports its functions, in script and manifest alike', () => {
    const exported = /Export-ModuleMember -Function (.*)/.exec(script)?.[1]?.split(', ');
    expect(exported).toEqual(functions);
    const inManifest = /FunctionsToExport = @\((.*)\)/.exec(manifest)?.[1];
    expect(inManifest).toBe(functions.map((name) => `'${name}'`).join(', '));
    for (const name of functions) expect(code).toContain(`function ${name} {`);
  });

  it('calls only what it defines, and cmdlets of both PowerShells by their full names', () => {
    const own = 'ConvertTo-TSText Open-TSStream Send-TSRequest';
    const cmdlets =
      'ConvertTo-Json ConvertFrom-Json New-Object Add-Type Select-Object Set-StrictMode Export-ModuleMember';
    const known = new Set([...functions, ...`${own} ${cmdlets}`.split(' ')]);
    const called = [...code.matchAll(/\b[A-Z][a-zA-Z]+-[A-Z]\w+/g)].map(([name]) => name);
    expect(called.length).toBeGreaterThan(20);
    expect(called.filter((name) => !known.has(name))).toEqual([]);
    expect(code).not.toMatch(/(^|[|{;(]\s*)(select|foreach-object|where|%|\?|echo|gc|iex)\s/im);
  });

  it('sends requests that the agent understands', async () => {
    const variables = new StepVariables(Variables.none);
    const answerer = new RequestAnswerer(variables);
    const put: Record<string, string> = {
      nameText: '"From"',
      valueText: '"a\\u0027b"',
      secretText: 'true',
    };
    const lines = [...script.matchAll(/'(\{"op".*\})'/g)].map(([, text = '']) =>
      text.replaceAll(/' \+ \$(\w+) \+ '/g, (_all, name: string) => put[name] ?? '?'),
    );
    const kinds: string[] = [];
    for (const line of lines) kinds.push((await answerer.answer(line)).kind);
    expect(kinds).toEqual(['not-set', 'done', 'list']);
    expect(variables.changes()).toEqual([{ name: 'From', value: "a'b", secret: true }]);
  });
});
