import { describe, expect, it } from 'vitest';
import { startedCommand } from './windows-command.ts';

const shell = 'X:\\Windows\\System32\\cmd.exe';
const path = 'X:\\Windows\\System32;"X:\\Program Files\\T";relative';
const started = async (
  argv: readonly [string, ...string[]],
  files: readonly string[],
  more: { readonly cwd?: string; readonly commandLine?: string } = {},
) =>
  startedCommand(
    { argv, path, ...more },
    {
      shell,
      isFile: async (file) => files.some((each) => each.toLowerCase() === file.toLowerCase()),
    },
  );

describe('M02 a command line of a step in Windows', () => {
  it('a name without extension is a .com, then an .exe, then a .bat of the first folder that has one', async () => {
    const tool = 'X:\\Windows\\System32\\tool';
    const all = [`${tool}.bat`, `${tool}.exe`, `${tool}.com`, 'C:\\w\\tool.bat'];
    expect((await started(['tool'], all)).argv[0]).toBe(`${tool}.com`);
    expect((await started(['tool'], all.slice(0, 2))).argv[0]).toBe(`${tool}.exe`);
    const batch = await started(['tool', 'a b'], all, { cwd: 'C:\\w' });
    expect(batch.argv.at(-1)).toBe('""C:\\w\\tool.bat" "a b""');
  });

  it('finds a program in a folder of PATH in quotation marks, and none beside the agent', async () => {
    const files = ['X:\\Program Files\\T\\x.exe', 'relative\\y.exe'];
    expect((await started(['x'], files)).argv[0]).toBe('X:\\Program Files\\T\\x.exe');
    expect((await started(['y'], files)).argv[0]).toBe('y');
  });

  it('a program gets the rest of the command line as it was written', async () => {
    const file = 'X:\\Windows\\System32\\cmd.exe';
    const given = await started(['cmd', '/c', 'C:\\a', 'b'], [file], {
      commandLine: ' cmd /c ""C:\\a b\\x.exe" /q "D:\\c d""',
    });
    expect(given).toEqual({ argv: [file, '/c ""C:\\a b\\x.exe" /q "D:\\c d""'], verbatim: true });
    const quoted = await started(['C:\\p q\\s.exe', '/a'], ['C:\\p q\\s.exe'], {
      commandLine: '"C:\\p q\\s.exe" /a',
    });
    expect(quoted.argv).toEqual(['C:\\p q\\s.exe', '/a']);
    const single = await started(['cmd', '/c', 'a b'], [file], { commandLine: "cmd /c 'a b'" });
    expect(single).toEqual({ argv: [file, '/c', 'a b'], verbatim: false });
  });

  it('what is no program is opened by its association, and waited for', async () => {
    const { argv, verbatim } = await started(['C:\\w\\set up.msi', '/qn'], ['C:\\w\\set up.msi']);
    expect(argv.slice(0, 6)).toEqual([shell, '/e:on', '/v:off', '/d', '/s', '/c']);
    expect(argv[6]).toBe('"start "" /wait /b "C:\\w\\set up.msi" "/qn""');
    expect(verbatim).toBe(true);
  });

  it('an argument of a batch file is text: it starts no other program and reads no variable', async () => {
    const file = 'C:\\w\\a.bat';
    const { argv } = await started([file, 'x" & calc & "', '%PATH%', 'a\nb'], [file]);
    expect(argv.at(-1)).toBe('""C:\\w\\a.bat" "x"" & calc & """ "%%cd:~,%PATH%%cd:~,%" "a b""');
  });
});
