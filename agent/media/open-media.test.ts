import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MediaDescription, MediaPrivate } from '#media/description.ts';
import { formatMediaManifest, mediaPaths } from '#media/manifest.ts';
import { type Envelope, lockMedia } from '#media/password-envelope.ts';
import { testSigner } from '#media/signify.testing.ts';
import type { View } from '../menu/view.ts';
import { openMedia } from './open-media.ts';

const signal = new AbortController().signal;
const signer = testSigner();
const madeMs = Date.parse('2026-06-01');
const machine = { architecture: 'x64', firmware: 'uefi' } as const;
const own: MediaPrivate = {
  variables: [{ name: 'Site', value: 'Vienna', secret: false }],
  prestart: null,
  key: generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'der' })
    .toString('base64'),
  standAlone: {
    sequenceId: 'MW100001',
    sequenceVersion: 1,
    sequenceName: 'Bench',
    description: '',
    documentJson: '{}',
    documentSha256: '',
    content: {},
    unattended: true,
  },
};
const description: MediaDescription = {
  format: 1,
  id: '6f9619ff-8b86-4d01-b42d-00c04fc964ff',
  kind: 'stand-alone',
  label: 'Bench',
  architecture: 'x64',
  madeMs,
  madeBy: '0.1.0',
  site: 'ab'.repeat(32),
  validFromMs: null,
  validUntilMs: null,
  unknownComputers: false,
  servers: ['10.0.0.1:7443'],
  bootBase: null,
  password: false,
};
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'media-open-'));
  await writeFile(join(folder, 'boot.pub'), signer.publicKey);
});
afterAll(async () => rm(folder, { recursive: true }));

const CONTENT = `content/ab/${'ab'.repeat(32)}`;

async function lay(change: Partial<MediaDescription>, envelope: Envelope): Promise<void> {
  const texts = {
    [mediaPaths.description]: JSON.stringify({ ...description, ...change }),
    [mediaPaths.private]: JSON.stringify(envelope),
    'boot/vmlinuz': 'a kernel',
    [CONTENT]: 'an object',
  };
  const files = Object.entries(texts).map(([path, text]) => ({
    path,
    sizeBytes: Buffer.byteLength(text),
    sha256: createHash('sha256').update(text).digest('hex'),
  }));
  const manifest = formatMediaManifest(files);
  const signature = signer.sign(Buffer.from(manifest));
  const all = { ...texts, [mediaPaths.manifest]: manifest, [mediaPaths.signature]: signature };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** A person at the machine who types these lines, one for each question. */
function person(lines: readonly string[] = []) {
  const shown: string[] = [];
  const left = [...lines];
  return {
    shown,
    left,
    show: (view: View) => {
      if (view.kind === 'starting') shown.push(view.text);
    },
    setHeader: () => {},
    setOverlay: (overlay: readonly string[] | undefined) => shown.push(...(overlay ?? [])),
    takeInput: (listener: (text: string) => void) => {
      const line = left.shift();
      if (line !== undefined) queueMicrotask(() => listener(`${line}\r`));
      return { [Symbol.dispose]: () => {} };
    },
  };
}

async function open(
  more: {
    readonly machine?: Parameters<typeof openMedia>[0]['machine'];
    readonly nowMs?: number;
    readonly terminals?: ReturnType<typeof person>;
  } = {},
) {
  const { nowMs = madeMs + 1000, terminals = person(), machine: found = machine } = more;
  const siteCaFile = join(folder, 'site-ca.pem');
  const options = { folder, siteCaFile, machine: found, terminals, nowMs: () => nowMs };
  return openMedia(options, signal);
}

const plain = { kind: 'plain', text: JSON.stringify(own) } as const;
const refused = (code: string, text: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(text) });

describe('M42 a password of media', () => {
  it('is asked for until it is right, is never shown, and opens what they hold', async () => {
    const lock = await lockMedia('Bench7disc', description.id, {
      memoryKib: 8192,
      passes: 1,
      parallelism: 1,
    });
    await lay({ password: true }, lock.seal(JSON.stringify(own)));
    const terminals = person(['guess', 'Bench7disc']);
    const opened = await open({ terminals });
    expect(opened.private).toEqual(own);
    expect(opened.variableKey).toEqual(lock.variableKey);
    const said = terminals.shown.join('\n');
    expect(said).toContain('media.password, try 1');
    expect(said).not.toContain('guess');
    expect(said).not.toContain('Bench7disc');
    const onMedia = await readFile(join(folder, mediaPaths.private), 'utf8');
    expect(onMedia).not.toContain('Vienna');
  });

  it('is not asked for on media that are damaged: they are named first', async () => {
    const lock = await lockMedia('x', description.id, {
      memoryKib: 8192,
      passes: 1,
      parallelism: 1,
    });
    await lay({ password: true }, lock.seal('{}'));
    await writeFile(join(folder, 'boot/vmlinuz'), 'a kerneL');
    const terminals = person(['x']);
    await expect(open({ terminals })).rejects.toEqual(refused('media.damaged', /boot\/vmlinuz/));
    expect(terminals.left).toEqual(['x']);
  });
});

describe('M45 content of media is read while a password is typed', () => {
  it('and what is changed in it ends that', async () => {
    const cheap = { memoryKib: 8192, passes: 1, parallelism: 1 };
    const lock = await lockMedia('Bench7disc', description.id, cheap);
    await lay({ password: true }, lock.seal(JSON.stringify(own)));
    await writeFile(join(folder, CONTENT), 'An object');
    await expect(open()).rejects.toEqual(refused('media.damaged', new RegExp(CONTENT)));
  });

  it('and nothing is begun before it was read whole, but where a run goes on', async () => {
    await lay({}, plain);
    await writeFile(join(folder, CONTENT), 'An object');
    const { contentCheck } = await open();
    await expect(contentCheck.done).rejects.toEqual(refused('media.damaged', new RegExp(CONTENT)));
    const again = await open();
    again.contentCheck.stop();
    await expect(again.contentCheck.done).resolves.toBeUndefined();
    await lay({}, plain);
    await expect((await open()).contentCheck.done).resolves.toBeUndefined();
  });
});

describe('M43 media are for an architecture', () => {
  it.each([
    { architecture: 'arm64', firmware: 'uefi' },
    { architecture: 'x86', firmware: 'bios' },
  ] as const)('$architecture is refused, and both sides are named', async (other) => {
    await lay({}, plain);
    await expect(open({ machine: other })).rejects.toEqual(
      refused('media.architecture', new RegExp(`for x64; this machine is ${other.architecture}`)),
    );
  });

  it('32-bit UEFI is refused by name', async () => {
    await lay({}, plain);
    const other = { architecture: 'x86', firmware: 'uefi' } as const;
    await expect(open({ machine: other })).rejects.toEqual(refused('machine.firmware', /32-bit/));
  });

  it.each(['uefi', 'bios'] as const)('x64 with %s starts from them', async (firmware) => {
    await lay({}, plain);
    await expect(open({ machine: { architecture: 'x64', firmware } })).resolves.toMatchObject({
      private: own,
    });
  });
});

describe('M45 stand-alone media are good from one day to another', () => {
  const day = 86_400_000;
  it.each([
    { nowMs: madeMs + day, code: 'media.not-yet', text: /good from 2026-06-03/ },
    { nowMs: madeMs + 9 * day, code: 'media.expired', text: /until 2026-06-06.*2026-06-10/ },
    { nowMs: Date.parse('2003-01-01'), code: 'media.clock', text: /2003-01-01.*made later/ },
  ])('$code, by the clock of the machine, which is told', async ({ nowMs, code, text }) => {
    await lay({ validFromMs: madeMs + 2 * day, validUntilMs: madeMs + 5 * day }, plain);
    await expect(open({ nowMs })).rejects.toEqual(refused(code, text));
    await expect(open({ nowMs: madeMs + 3 * day })).resolves.toMatchObject({ private: own });
  });

  it('M46 of bootable media the server decides: its clock is right', async () => {
    await lay({ kind: 'bootable', validUntilMs: madeMs + 1 }, plain);
    await expect(open({ nowMs: madeMs + 9 * day })).resolves.toMatchObject({ private: own });
  });
});

it('M47 content of prestaged media is not what decides whether they are used: what is damaged is fetched', async () => {
  await lay({ kind: 'prestaged', validUntilMs: madeMs + 1 }, plain);
  await writeFile(join(folder, CONTENT), 'an Object');
  const opened = await open({ nowMs: madeMs + 1000 });
  await opened.contentCheck.done;
  expect(opened.standAlone).toBeUndefined();
  await writeFile(join(folder, 'boot/vmlinuz'), 'a Kernel');
  await expect(open()).rejects.toEqual(refused('media.damaged', /boot\/vmlinuz/));
});

it('M41 documents of a newer kind are refused with their place', async () => {
  await lay({}, { kind: 'plain', text: JSON.stringify({ ...own, key: 7 }) });
  await expect(open()).rejects.toEqual(refused('media.document', /private\.json.*key/));
  await lay({ format: 1, servers: ['no port'] }, plain);
  await expect(open()).rejects.toEqual(refused('media.document', /media\.json.*servers/));
});
