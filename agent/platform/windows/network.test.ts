import { describe, expect, it } from 'vitest';
import { windowsNetwork } from './network.ts';
import { answer, NetworkCall } from './network-call.ts';
import type { JoinInformation, Win32Network } from './win32/network.ts';

const { signal } = new AbortController();
const account = { user: 'CORP\\joiner', password: 's3cret' };
const refuse = (): never => {
  throw new Error('not expected');
};

/** The capability, with the second agent answered here; `asked` has what it was given. */
function network(
  windows: Partial<Win32Network>,
  options: { isPe?: boolean; isFolder?: boolean } = {},
) {
  const asked: { argv: readonly string[]; request: NetworkCall }[] = [];
  const log: string[] = [];
  const capability = windowsNetwork({
    agent: ['agent.exe'],
    isPe: options.isPe ?? false,
    systemRoot: 'C:\\Windows',
    log: (line) => log.push(line),
    isFolder: async () => options.isFolder ?? true,
    wait: async () => {},
    runTool: async ({ argv, input = '' }) => {
      const request = NetworkCall.parse(JSON.parse(input));
      asked.push({ argv, request });
      const calls: Win32Network = {
        connect: refuse,
        disconnect: refuse,
        shareOf: () => undefined,
        information: refuse,
        joinDomain: refuse,
        leaveDomain: refuse,
        joinWorkgroup: refuse,
        requestOfflineJoin: refuse,
        ...windows,
      };
      const stdout = `${JSON.stringify(answer(request, calls))}\n`;
      return { code: 0, exit: { outcome: 'done', meaning: '' }, stdout, output: stdout };
    },
  });
  return { capability, asked, log };
}

const corp: JoinInformation = { kind: 'domain', name: 'CORP', dnsName: 'corp.example' };
const alone: JoinInformation = { kind: 'workgroup', name: 'WORKGROUP', dnsName: '' };
const share = { path: '\\\\srv\\share', drive: 'z', account };
const domain = {
  kind: 'domain',
  domain: 'corp.example',
  organizationalUnit: 'OU=PCs,DC=corp,DC=example',
  account,
} as const;

describe('M40 shares in Windows', () => {
  it('a password is in no argv', async () => {
    const { capability, asked } = network({ connect: () => 0 });
    await capability.connectFolder(share, signal);
    expect(asked.map(({ argv }) => argv)).toEqual([['agent.exe', 'windows-call']]);
    expect(asked[0]?.request).toMatchObject({ drive: 'Z:', account });
  });

  it('ends a connection, and says where it cannot', async () => {
    const ended: string[] = [];
    const codes = [0, 2250];
    const { capability, log } = network({
      disconnect: (name) => {
        ended.push(name);
        return codes[ended.length - 1] ?? 0;
      },
    });
    await capability.disconnect(share.path, signal);
    await capability.disconnect(share.path, signal);
    expect(ended).toEqual([share.path, share.path]);
    expect(log).toEqual(['\\\\srv\\share stays connected until the restart: error 2250']);
  });

  it('tries again while the network comes up, and no longer', async () => {
    let tries = 0;
    const later = network({ connect: () => ((tries += 1) < 3 ? 53 : 0) });
    await later.capability.connectFolder(share, signal);
    expect(later.log).toHaveLength(2);
    const never = network({ connect: () => 53 });
    await expect(never.capability.connectFolder(share, signal)).rejects.toMatchObject({
      code: 'network.path',
      exitCode: 0x80070035,
    });
    expect(never.asked).toHaveLength(4);
  });

  it.each([
    [1326, 'network.logon'],
    [5, 'network.logon'],
    [67, 'network.path'],
    [85, 'network.drive-in-use'],
    [1219, 'network.other-account'],
    [1272, 'network.connect'],
  ])('error %i is %s', async (code, expected) => {
    const { capability } = network({ connect: () => code });
    await expect(capability.connectFolder(share, signal)).rejects.toMatchObject({
      code: expected,
      message: expect.stringContaining(`error ${code}, `),
    });
  });

  it('a drive that leads there already is a success; a share that cannot be read is none', async () => {
    const again = network({ connect: () => 85, shareOf: () => '\\\\SRV\\Share' });
    await expect(again.capability.connectFolder(share, signal)).resolves.toBe('Z:\\');
    const hollow = network({ connect: () => 0 }, { isFolder: false });
    await expect(hollow.capability.connectFolder(share, signal)).rejects.toMatchObject({
      code: 'network.path',
    });
  });
});

describe('M12 joining in Windows', () => {
  it('joins, and reads the membership back', async () => {
    const { capability, asked } = network({ joinDomain: () => 0, information: () => corp });
    await capability.join(domain, signal);
    expect(asked.map(({ request }) => request.call)).toEqual(['join-domain', 'membership']);
    expect(asked[0]?.request).toMatchObject({ create: true, account });
    const hollow = network({ joinDomain: () => 0, information: () => alone });
    await expect(hollow.capability.join(domain, signal)).rejects.toMatchObject({
      code: 'network.join',
      message: expect.stringContaining('workgroup WORKGROUP'),
    });
  });

  it('takes over an account that is there, wherever it is', async () => {
    const { capability, asked } = network({
      joinDomain: ({ create }) => (create ? 2224 : 0),
      information: () => corp,
    });
    await capability.join(domain, signal);
    expect(asked[1]?.request).toMatchObject({ create: false, organizationalUnit: null });
  });

  it.each([
    [1355, /was not found/],
    [1326, /user name or password/],
    [5, /may not join/],
    [2732, /may not take over/],
    [8557, /as many computers/],
    [4999, /see its output/],
  ])('error %i is explained', async (code, meaning) => {
    const { capability } = network({ joinDomain: () => code, information: () => alone });
    await expect(capability.join(domain, signal)).rejects.toMatchObject({
      code: 'network.join',
      exitCode: (0x80070000 | code) >>> 0,
      message: expect.stringMatching(meaning),
      hint: expect.stringMatching(/./),
    });
  });

  it('leaves a domain for a workgroup', async () => {
    let now = corp;
    const { capability, asked } = network({
      information: () => now,
      leaveDomain: () => 0,
      joinWorkgroup: (name) => {
        now = { kind: 'workgroup', name, dnsName: '' };
        return 0;
      },
    });
    await capability.join({ kind: 'workgroup', workgroup: 'LAB', account }, signal);
    expect(asked.map(({ request }) => request.call)).toEqual([
      'membership',
      'leave-domain',
      'join-workgroup',
      'membership',
    ]);
  });

  it('reads a blob as djoin wrote it', async () => {
    const given: string[] = [];
    const { capability } = network({
      requestOfflineJoin: (blob, windows) => {
        given.push(Buffer.from(blob).toString(), windows);
        return 0;
      },
    });
    const blob = `\ufeff${Buffer.from('provision').toString('base64')}\r\n\0`;
    await capability.join({ kind: 'offline-blob', blob }, signal);
    expect(given).toEqual(['provision', 'C:\\Windows']);
  });

  it('Windows PE has no membership and joins nothing', async () => {
    const { capability } = network({}, { isPe: true });
    expect(capability.membership).toBeUndefined();
    await expect(capability.join(domain, signal)).rejects.toMatchObject({ code: 'network.join' });
  });

  it('an agent that answers nothing is a failed tool, and its password is not in the error', async () => {
    const capability = windowsNetwork({
      agent: ['agent.exe'],
      isPe: false,
      systemRoot: '',
      log() {},
      runTool: async () => ({
        code: 1,
        exit: { outcome: 'failed', meaning: 'see its output' },
        stdout: '',
        output: 'no FFI',
      }),
    });
    const failed = await capability.join(domain, signal).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'tool.failed' });
    expect(String(failed)).not.toContain('s3cret');
  });
});
