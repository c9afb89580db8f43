import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readPeHeader } from '#boot/pe-header.ts';
import { cacheDirectory } from '../cache-directory.ts';
import { missingForWine, prepareWineRoot } from '../lab/wine/root.ts';
import { runInWine, type WineMachine, wineMachine } from '../lab/wine/session.ts';
import { bundleAgent } from './bundle.ts';
import { compileNative, compilerIsThere, scriptLibraries, serviceProgram } from './native.ts';
import { nodeBinary } from './node-package.ts';
import { agentTargets } from './target.ts';

/** Scripts as they are written for Configuration Manager, run by Wine's cscript against the agent's own parts. */
const { signal } = new AbortController();
const missing = [
  ...(await missingForWine()),
  ...((await compilerIsThere('x64')) && (await compilerIsThere('x86')) ? [] : ['mingw-w64']),
];
if (missing.length > 0 && process.env['REQUIRE_PEERS'] === '1')
  throw new Error(`missing: ${missing.join(', ')}`);

const Seen = z.object({
  before: z.array(z.string()),
  during: z.array(z.string()),
  after: z.array(z.string()),
  changes: z.array(z.object({ name: z.string(), value: z.string(), secret: z.boolean() })),
  shown: z.array(z.record(z.string(), z.unknown())),
  log: z.array(z.string()),
});
type Seen = z.infer<typeof Seen>;

let folder = '';
let machine: WineMachine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ts-com-'));
  if (missing.length > 0) return;
  for (const library of scriptLibraries) await compileNative(library, { folder, signal });
  const lister = {
    ...serviceProgram,
    name: 'list-members.exe',
    source: 'testing/list-members.c',
    libraries: ['kernel32', 'ole32', 'oleaut32'],
  };
  await compileNative(lister, { folder, signal });
  const packagesDirectory = join(cacheDirectory, 'boot-build/node');
  const options = { packagesDirectory, folder, signal, log: () => {} };
  await nodeBinary(agentTargets['windows-x64'].node, options);
  const entry = join(import.meta.dirname, '../../agent/windows-native/testing/script-host.ts');
  await writeFile(join(folder, 'host.cjs'), (await bundleAgent(entry)).text('test'));
  const root = await prepareWineRoot({ signal, log: () => {} });
  const mounts = [{ host: folder, inside: '/tmp/mw' }];
  machine = await wineMachine(root, join(folder, 'changes'), { mounts, signal });
}, 300_000);
afterAll(async () => rm(folder, { recursive: true, force: true }));

const variables = [
  { name: 'OSDComputerName', value: 'PC-0815', secret: false },
  { name: 'Städte', value: 'Zürich "Süd" \\ 東京 \u{1f680}\r\n\ttab', secret: false },
  { name: 'JoinPassword', value: 'correct-horse', secret: true },
  { name: '_SMSTSMachineName', value: 'MININT-1', secret: false },
  { name: 'Old', value: 'there', secret: false },
];
const classes = 'HKLM\\SOFTWARE\\Classes';
const lookUp = ['reg.exe', 'query', `${classes}\\Microsoft.SMS.TSEnvironment\\CLSID`, '/ve'];

describe.skipIf(missing.length > 0)(
  `M11 scripts of Configuration Manager (missing: ${missing.join(', ')})`,
  { timeout: 120_000 },
  () => {
    it('reads, sets, lists and deletes variables by the default property and by name', async () => {
      const { during, changes, before, after } = await run(`
Set env = CreateObject("Microsoft.SMS.TSEnvironment")
WScript.Echo "1 " & env("OSDComputerName") & " " & env.Value("osdcomputername")
WScript.Echo "2 [" & env("Missing") & "] " & TypeName(env("Missing"))
WScript.Echo "3 " & env("JoinPassword")
WScript.Echo "4 " & (env("Städte") = env.Value("STÄDTE"))
env("Copy") = env("Städte")
env.Value("OSDComputerName") = "PC-1"
env("Number") = 42
env("Flag") = True
env("Old") = ""
WScript.Echo "5 " & env("OSDComputerName") & env("Number") & env("Flag") & "[" & env("Old") & "]"
names = ""
For Each name In env.GetVariables()
  names = names & " " & name
Next
WScript.Echo "6" & (InStr(names, "JoinPassword") > 0) & (InStr(names, "Number") > 0) & (InStr(names, "Old") > 0)
WScript.Echo "7 " & LBound(env.GetVariables()) & " " & UBound(env.GetVariables())
`);
      expect(during[0]?.split(/\r?\n/)).toEqual([
        '0',
        '1 PC-0815 PC-0815',
        '2 [] String',
        '3 correct-horse',
        '4 True',
        '5 PC-142True[]',
        '6TrueTrueFalse',
        '7 0 6',
        '',
      ]);
      expect(changes).toEqual([
        { name: 'Copy', value: variables[1]?.value, secret: false },
        { name: 'OSDComputerName', value: 'PC-1', secret: false },
        { name: 'Number', value: '42', secret: false },
        { name: 'Flag', value: 'True', secret: false },
        { name: 'Old', value: '', secret: false },
      ]);
      // There for the run alone.
      expect([before[0]?.slice(0, 2), after[0]?.slice(0, 2)]).toEqual(['1\n', '1\n']);
    });

    it('refuses what is read-only or too long, with the code and the hint of the agent', async () => {
      const { during, changes } = await run(`
On Error Resume Next
Set env = CreateObject("Microsoft.SMS.TSEnvironment")
env("_SMSTSMachineName") = "x"
WScript.Echo Hex(Err.Number) & " " & Err.Source & " " & Err.Description
Err.Clear
env("Long") = String(5000, "x")
WScript.Echo "2 " & (Err.Number <> 0) & " " & Left(Err.Description, 15)
Err.Clear
env.NoSuchMethod
WScript.Echo Err.Number
Err.Clear
WScript.Echo env("_SMSTSMachineName") & " " & Err.Number
`);
      const lines = during[0]?.split(/\r?\n/) ?? [];
      expect(lines[1]).toMatch(
        /^80004005 Metalwright variable\.invalid: .*_SMSTSMachineName is read-only: .*\. Choose a name/,
      );
      expect(lines.slice(2)).toEqual(['2 True variable.invali', '438', 'MININT-1 0', '']);
      expect(changes).toEqual([]);
    });

    it('shows progress and messages through the agent, and opens no window', async () => {
      const { during, shown } = await run(`
Set ui = CreateObject("Microsoft.SMS.TSProgressUI")
ui.CloseProgressDialog
ui.ShowTSProgress "Org", "Sequence", "Title", "Action", 3, 10
ui.ShowActionProgress "Org", "Sequence", "Title", "Action", 3, 10, "Copying ü", 1, 4
ui.ShowTSProgress "Org", "Sequence", "", "Action", "", "7"
ui.ShowMessage "Text", "Caption", 0
answer = 0
ui.ShowMessageEx "Sure?", "Caption", 4, answer
ui.ShowErrorDialog "Org", "Sequence", "Title", "It broke", 5, 900, 0
ui.ShowRebootDialog "Org", "Sequence", "Title", "Now", 30
WScript.Echo "answer " & answer
`);
      expect(during[0]).toBe('0\nanswer 7\r\n');
      expect(shown.map(({ op: _op, ...each }) => each)).toEqual([
        { what: 'close', title: '', text: '' },
        { what: 'progress', title: 'Title', text: 'Action', step: 3, steps: 10 },
        { what: 'progress', title: 'Title', text: 'Copying ü', step: 1, steps: 4 },
        { what: 'progress', title: '', text: 'Action', step: 0, steps: 7 },
        { what: 'message', title: 'Caption', text: 'Text' },
        { what: 'message', title: 'Caption', text: 'Sure?' },
        { what: 'error', title: 'Title', text: 'It broke' },
        { what: 'message', title: 'Title', text: 'Now' },
      ]);
    });

    it('tells its members as PowerShell reads them, which knows no others', async () => {
      const list = ['Microsoft.SMS.TSEnvironment', 'Microsoft.SMS.TSProgressUI'].map((name) => [
        'Z:\\tmp\\mw\\list-members.exe',
        name,
      ]);
      const { during } = await run('', { during: list });
      // Kind (1 method, 2 get, 4 put), id, names, and types: 3 I4, 8 BSTR, 12 VARIANT, 19 UI4, 24 none.
      expect(during[1]?.split(/\r?\n/)).toEqual([
        '0',
        'ITSEnvironment 4',
        '2 0 Value name: 8 8',
        '4 0 Value name: 24 8 8',
        '1 1 GetVariables: 12',
        '',
      ]);
      expect(during[2]?.split(/\r?\n/)).toContain(
        '1 1 ShowTSProgress organization taskSequence customTitle currentAction step maxStep: 24 8 8 8 8 19 19',
      );
      expect(during[2]?.split(/\r?\n/)).toContain(
        '1 5 ShowMessageEx message title type answer: 24 8 8 3 *3',
      );
    });

    it('creates nothing where no task sequence runs, and leaves what another program registered', async () => {
      const other = '{11111111-2222-3333-4444-555555555555}';
      const { during, after, log } = await run(
        'On Error Resume Next\r\nSet ui = CreateObject("Microsoft.SMS.TSProgressUI")\r\nWScript.Echo Err.Number & TypeName(ui)',
        {
          before: [
            [
              'reg.exe',
              'add',
              `${classes}\\Microsoft.SMS.TSEnvironment\\CLSID`,
              '/ve',
              '/d',
              other,
              '/f',
            ],
          ],
          during: [
            lookUp,
            ['cmd.exe', '/c', 'set METALWRIGHT_TS=&& cscript.exe //nologo Z:\\tmp\\mw\\test.vbs'],
          ],
        },
      );
      expect(during[0]).toContain('0');
      expect(during[1]).toContain(other);
      expect(during[2]).toMatch(/^0\n(429|-2147221164)Empty/);
      expect(after[0]).toContain(other);
      expect(log.join()).toContain(`registered by another program (${other})`);
    });

    it('has the headers of a library for each kind of program, exports two functions, and needs no C runtime', async () => {
      for (const { name, architecture } of scriptLibraries) {
        const bytes = await readFile(join(folder, name));
        const header = await readPeHeader(async (offset, length) =>
          bytes.subarray(offset, offset + length),
        );
        expect(header?.machine, name).toBe(architecture === 'x64' ? 0x8664 : 0x014c);
        const text = bytes.toString('latin1');
        expect(
          [...new Set(text.match(/[A-Za-z0-9-]+\.dll/g))].filter(
            (each) => !each.startsWith('metalwright'),
          ),
        ).toEqual(['KERNEL32.dll', 'OLEAUT32.dll']);
        expect(text).toContain('\0DllCanUnloadNow\0DllGetClassObject\0');
      }
    });
  },
);

async function run(
  script: string,
  plan: { readonly before?: string[][]; readonly during?: string[][] } = {},
): Promise<Seen> {
  // In the code page of Western Europe, as an editor of Windows saves it.
  await writeFile(join(folder, 'test.vbs'), script.replaceAll(/\r?\n/g, '\r\n'), 'latin1');
  const commands = {
    variables,
    before: plan.before ?? [lookUp],
    during: [['cscript.exe', '//nologo', 'Z:\\tmp\\mw\\test.vbs'], ...(plan.during ?? [])],
    after: [lookUp],
  };
  await writeFile(join(folder, 'plan.json'), JSON.stringify(commands));
  await rm(join(folder, 'seen.json'), { force: true });
  const argv = ['Z:\\tmp\\mw\\node.exe', 'Z:\\tmp\\mw\\host.cjs', 'Z:\\tmp\\mw'] as const;
  const end = await runInWine(machine, argv, {
    logFile: join(folder, 'wine.log'),
    timeoutMs: 120_000,
  });
  const seen = await readFile(join(folder, 'seen.json'), 'utf8').catch(() => undefined);
  if (seen === undefined) throw new Error(`it ended with ${end.code}:\n${end.output}`);
  return Seen.parse(JSON.parse(seen));
}
