import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageToCapture } from '../../sequence/capture-capability.ts';
import type { StepProgress } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step-error.ts';
import { IS_VOLUME_DIRTY, windowsCapture } from './capture.ts';
import { disksOf } from './disk/testing/on-drives.ts';
import { drive, ntfs } from './disk/testing/simulated-drive.ts';
import { madeWim } from './image/testing/made-wim.ts';
import type { ToolCommand, ToolRun } from './run-tool.ts';

const GUIDS = ['3f2504e0-4f89-41d3-9a0c-0305e82c3301', '3f2504e0-4f89-41d3-9a0c-0305e82c3302'];
const [windowsVolume, dataVolume] = [`gpt:${GUIDS[0]}`, `gpt:${GUIDS[1]}`];
const { signal } = new AbortController();
const facts = {
  architecture: 'x64',
  version: '10.0.26100',
  edition: 'Professional',
  productType: 'client',
  language: 'en-US',
  imageState: 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE',
} as const;

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'metalwright-capture-'));
});
afterEach(async () => rm(root, { recursive: true, force: true }));
const put = async (path: string, text: string | Uint8Array = 'x') => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};

type Dism = (command: ToolCommand, options: Record<string, string>) => Promise<Partial<ToolRun>>;
const onTheWay = '\r[=====          20.0%                    ]';
/** Writes what reads as a WIM with as many images as it was called for. */
const works: Dism = async ({ argv, onOutput }, options) => {
  onOutput?.(onTheWay);
  await wait(5);
  const made = madeWim('<DIRCOUNT>4</DIRCOUNT><FILECOUNT>2</FILECOUNT>');
  const bytes = Buffer.from(await made.read(0, made.sizeBytes, signal));
  if (argv[1] === '/Append-Image') {
    const xml = bytes.subarray(Number(bytes.readBigUInt64LE(0x50)));
    const text = xml.toString('utf16le').replace('</WIM>', '');
    const both = `${text}<IMAGE INDEX="2"><FILECOUNT>1</FILECOUNT><DIRCOUNT>1</DIRCOUNT></IMAGE></WIM>`;
    const head = Buffer.from(bytes.subarray(0, bytes.length - xml.length));
    const end = Buffer.from(both, 'utf16le');
    head.writeUInt32LE(2, 0x2c);
    for (const at of [0x48, 0x58]) head.writeUInt32LE(end.length, at);
    await writeFile(options['ImageFile'] ?? '', Buffer.concat([head, end]));
  } else await writeFile(options['ImageFile'] ?? '', bytes);
  return {};
};

function machine(
  dism: Dism = works,
  { dirty = [] as string[], encrypted = [] as string[], stallMs = 20_000 } = {},
) {
  const partitions = [
    ntfs(GUIDS[0] ?? '', { label: 'Windows' }),
    ntfs(GUIDS[1] ?? '', { label: 'Data', startBytes: 20 * 1024 ** 3 }),
  ];
  const made = disksOf([drive(0, { style: 'gpt', tableId: GUIDS[0] ?? '', partitions })]);
  const calls: { argv: readonly string[]; list: string }[] = [];
  made.simulated.tools = {
    'dism.exe': async (command) => {
      const options = Object.fromEntries(
        command.argv.slice(2).map((word) => {
          const [, name = '', value = ''] = /^\/(\w+):(.*)$/s.exec(word) ?? [];
          return [name, value];
        }),
      );
      const list = await readFile(options['ConfigFile'] ?? '', 'utf8');
      calls.push({ argv: command.argv, list });
      return dism(command, options);
    },
  };
  const { win32, runTool } = made.simulated;
  /** As a real one, it is ended by its signal. */
  const endable: typeof runTool = async (command, until) => {
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    until.addEventListener('abort', () => reject(until.reason));
    return Promise.race([runTool(command, until), stopped]);
  };
  const capture = windowsCapture(
    {
      runTool: endable,
      win32: {
        ...win32,
        deviceControl: (device, request) =>
          request.code === IS_VOLUME_DIRTY
            ? Buffer.from([dirty.some((guid) => device.includes(guid)) ? 1 : 0, 0, 0, 0])
            : win32.deviceControl(device, request),
      },
      rootOf: () => root,
      stallMs,
    },
    {
      disk: made.disk,
      windows: { facts: async () => facts },
      isEncrypted: async (volume) => encrypted.includes(volume),
    },
  );
  return { capture, calls, ...made };
}

const image = (
  volume: string,
  name: string,
  more: Partial<ImageToCapture> = {},
): ImageToCapture => ({
  volume,
  system: null,
  name,
  description: '',
  properties: {},
  exclude: ['/pagefile.sys', '/Windows/Metalwright'],
  ...more,
});
async function run(made: ReturnType<typeof machine>, images: readonly ImageToCapture[]) {
  const file = join(root, 'out.wim');
  const seen: StepProgress[] = [];
  const running = made.capture.capture({ file, fileVolume: null, images }, signal);
  for (;;) {
    const step = await running.next();
    if (step.done === true) return { file, seen, ...step.value };
    seen.push(step.value);
  }
}

const failures: readonly (readonly [string, Dism, string])[] = [
  [
    'a full disk',
    async () => ({ code: 112, output: 'Fehler: 112\n\nVoll.\n' }),
    'capture.no-space',
  ],
  [
    'no right to write',
    async () => ({ code: 5, output: 'Error: 5\n\nDenied.\n' }),
    'capture.destination',
  ],
  ['another failure', async () => ({ code: 1117, output: 'Error: 1117\n' }), 'capture.failed'],
  ['nothing written', async () => ({}), 'capture.read-back'],
  ['no progress', async () => wait(1000, {}), 'capture.timeout'],
];

describe('M44 capturing in Windows PE', () => {
  it('captures the first volume, appends the others, and leaves nothing of its own', async () => {
    const made = machine();
    const { file, seen, sizeBytes } = await run(made, [
      image(windowsVolume, 'reference', { description: 'Of "tests"' }),
      image(dataVolume, 'reference, data'),
    ]);
    expect((await readFile(file)).length).toBe(sizeBytes);
    expect(
      made.calls.map(({ argv }) => argv.slice(1, 5).map((word) => word.replace(root, ''))),
    ).toEqual([
      ['/Capture-Image', '/ImageFile:/out.wim.new', '/CaptureDir:', '/Name:reference'],
      ['/Append-Image', '/ImageFile:/out.wim.new', '/CaptureDir:', '/Name:reference, data'],
    ]);
    expect(made.calls[0]?.argv).toContain('/Description:Of "tests"');
    expect(made.calls[0]?.argv).toContain('/Compress:max');
    expect(made.calls[1]?.argv).not.toContain('/Compress:max');
    expect(made.calls[0]?.list).toBe(
      '[ExclusionList]\r\n\\pagefile.sys\r\n\\Windows\\Metalwright\r\n',
    );
    expect(seen).toContainEqual({ detail: 'Capturing reference, 20 %' });
    expect(await readdir(root)).toEqual(['out.wim']);
    const letters = made.simulated.drives[0]?.partitions.map(({ letter }) => letter);
    expect(letters).toEqual([undefined, undefined]);
  });

  it.each(failures)('tells of %s, and leaves what was there', async (_what, dism, code) => {
    await put('out.wim', 'an older one');
    const other = machine(
      async (command, options) => {
        command.onOutput?.(onTheWay);
        return dism(command, options);
      },
      { stallMs: code === 'capture.timeout' ? 200 : undefined },
    );
    await expect(run(other, [image(windowsVolume, 'a')])).rejects.toMatchObject({ code });
    expect(await readFile(join(root, 'out.wim'), 'utf8')).toBe('an older one');
    expect(await readdir(root)).toEqual(['out.wim']);
  });

  it('finds one image less than it captured', async () => {
    const made = machine(async (command, options) =>
      command.argv[1] === '/Append-Image' ? {} : works(command, options),
    );
    const two = [image(windowsVolume, 'a'), image(dataVolume, 'b')];
    await expect(run(made, two)).rejects.toMatchObject({ code: 'capture.read-back' });
  });

  it('tells a Windows, and what keeps a volume from being captured', async () => {
    const inspect = async (options: { dirty?: string[]; encrypted?: string[] } = {}) =>
      machine(works, options).capture.inspect(windowsVolume, signal);
    expect(await inspect()).toEqual({ problem: null, system: null });
    await put('Windows/System32/config/SYSTEM');
    expect(await inspect()).toEqual({ problem: null, system: { kind: 'windows', ...facts } });
    await put('hiberfil.sys', Buffer.from('RSTR'));
    expect((await inspect()).problem).toBeNull();
    await put('hiberfil.sys', Buffer.from('HIBR'));
    expect((await inspect()).problem).toBe('hibernated');
    expect((await inspect({ dirty: [GUIDS[0] ?? ''] })).problem).toBe('dirty');
    expect((await inspect({ dirty: [GUIDS[1] ?? ''] })).problem).toBe('hibernated');
    expect((await inspect({ encrypted: [windowsVolume] })).problem).toBe('bitlocker');
  });

  it('is cancelled with its dism', async () => {
    const stop = new AbortController();
    const made = machine(async () => {
      stop.abort(new StepError('test.stop', 'stop'));
      return wait(20, {});
    });
    const running = made.capture.capture(
      { file: join(root, 'out.wim'), fileVolume: null, images: [image(windowsVolume, 'a')] },
      stop.signal,
    );
    await expect(running.next()).rejects.toMatchObject({ code: 'test.stop' });
    expect(await readdir(root)).toEqual([]);
  });
});
