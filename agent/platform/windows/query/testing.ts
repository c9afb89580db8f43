import type { FoundFile, RunTool, WindowsParts } from './parts.ts';

type Values = Readonly<Record<string, readonly [type: string, printed: string]>>;
/** Keys by their full names; the value `''` is the default one. */
export type FakeKeys = Readonly<Record<string, Values | 'denied'>>;

const LONG: Readonly<Record<string, string>> = {
  HKLM: 'HKEY_LOCAL_MACHINE',
  HKCU: 'HKEY_CURRENT_USER',
};

/** `reg query` as it prints, over the given keys; the default value is called as in `defaultName`. */
export function fakeReg(keys: FakeKeys, defaultName = '(Default)'): RunTool & { calls: string[] } {
  const run: RunTool = async ({ argv }) => {
    calls.push(argv.slice(1).join(' '));
    const [, , asked = '', ...options] = argv;
    const key = asked.replace(/^\w+/, (root) => LONG[root.toUpperCase()] ?? root);
    const printed = answer(key, options);
    const failed = { code: 1, stdout: new Uint8Array(), timedOut: false };
    if (printed === undefined) return failed;
    return { code: 0, stdout: Buffer.from(printed, 'latin1'), timedOut: false };
  };
  const calls: string[] = [];

  const all = new Map<string, Values | 'denied'>();
  for (const [key, values] of Object.entries(keys)) {
    const parts = key.split('\\');
    for (let count = 1; count < parts.length; count += 1) {
      const parent = parts.slice(0, count).join('\\');
      if (!all.has(parent)) all.set(parent, {});
    }
    all.set(key, values);
  }
  const find = (key: string): [string, Values | 'denied'] | undefined =>
    [...all].find(([name]) => name.toLowerCase() === key.toLowerCase());
  const line = (name: string, [type, data]: readonly [string, string]): string =>
    `    ${name === '' ? defaultName : name}    ${type}    ${data}\r\n`;

  const answer = (asked: string, options: readonly string[]): string | undefined => {
    const [key, values] = find(asked) ?? [];
    if (key === undefined || values === undefined || values === 'denied') return undefined;
    if (options[0] === '/v') {
      const wanted = options[1]?.toLowerCase();
      const value = Object.entries(values).find(([name]) => name.toLowerCase() === wanted);
      return value && `\r\n${key}\r\n${line(...value)}\r\n`;
    }
    if (options[0] === '/ve')
      return `\r\n${key}\r\n${line('', values[''] ?? ['REG_SZ', '(value not set)'])}\r\n`;
    const below = [...all.keys()].filter((name) => name.startsWith(`${key}\\`));
    const list = (name: string): string => {
      const own = all.get(name);
      const lines = own === 'denied' ? [] : Object.entries(own ?? {}).map((each) => line(...each));
      return `\r\n${name}\r\n${lines.join('')}`;
    };
    if (options[0] === '/s') return [key, ...below].map(list).join('');
    const children = below.filter((name) => !name.slice(key.length + 1).includes('\\'));
    return `${list(key)}\r\n${children.join('\r\n')}\r\n`;
  };
  return Object.assign(run, { calls });
}

/** A Windows machine of a fake registry and of files by their paths. */
export function fakeWindows(options: {
  readonly keys?: FakeKeys;
  readonly run?: RunTool;
  readonly files?: Readonly<Record<string, Partial<FoundFile>>>;
  readonly view?: '64' | '32';
}): WindowsParts {
  const files = new Map(
    Object.entries(options.files ?? {}).map(([path, found]) => [path.toLowerCase(), found]),
  );
  return {
    run: options.run ?? fakeReg(options.keys ?? {}),
    withFile: async (path, use) => {
      const found = files.get(path.toLowerCase());
      const read = async (): Promise<Uint8Array> => new Uint8Array();
      return use(found ? { kind: 'file', modifiedMs: 0, read, ...found } : null);
    },
    networkInterfaces: () => ({
      Ethernet: [
        {
          address: '10.1.2.3',
          netmask: '255.255.255.0',
          family: 'IPv4',
          mac: '52:54:00:aa:bb:cc',
          internal: false,
          cidr: '10.1.2.3/24',
        },
      ],
    }),
    environment: { WINDIR: 'C:\\Windows', SystemRoot: 'C:\\Windows', ProgramFiles: 'C:\\Programs' },
    hostName: 'pc-7',
    memoryBytes: 8_589_934_592,
    view: options.view ?? '64',
  };
}
