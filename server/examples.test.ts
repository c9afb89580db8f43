/**
 * Holds what `sequence simulate` prints for the sequences of docs/examples to the texts beside them. After
 * a change that is meant, rewrite them and read what has changed:
 *
 *     npx vitest run server/examples.test.ts -u && git diff docs/examples/expected
 */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { chassisTypes, SimulatedDevice } from '#agent/simulated-machine/device.ts';
import { runHere } from './cli/testing/run-here.ts';

const examples = fileURLToPath(new URL('../docs/examples', import.meta.url));
const devices = ['laptop', 'desktop', 'arm-board'];
const listed = ['--packages', 'docs/examples/content'];

/** What `metalwright sequence new` makes of these words, in docs/examples/templates. */
const made: readonly { file: string; argv: readonly string[] }[] = [
  {
    file: 'install',
    argv: [
      'install',
      '--name',
      'Windows 11',
      '--image',
      'Windows 11',
      '--index',
      '3',
      '--join',
      'domain',
      '--domain',
      'corp.example.com',
      '--domain-account',
      'CORP\\joiner',
      '--user-state',
      'store',
      '--usmt-package',
      'USMT',
      '--capture-windows',
      '--bitlocker',
      'pre-provision',
      '--driver-package',
      'Drivers of the office machines',
      '--updates',
      'all',
      '--applications',
      '7-Zip',
      'Office',
      '--continue-on-error',
    ],
  },
  {
    file: 'install-linux',
    argv: [
      'install',
      '--name',
      'Debian 12',
      '--platform',
      'linux',
      '--image',
      'Debian 12',
      '--commands',
      'hostnamectl set-hostname %_SMSTSMachineName%',
    ],
  },
  {
    file: 'build-and-capture',
    argv: [
      'build-and-capture',
      '--name',
      'Reference Windows 11',
      '--image',
      'Windows 11',
      '--administrator',
      'enabled',
      '--updates',
      'all',
      '--applications',
      'Office',
      '--capture-destination',
      '\\\\server\\images\\reference.wim',
      '--capture-account',
      'CORP\\capture',
      '--image-version',
      '2026.11',
    ],
  },
  {
    file: 'build-and-capture-linux',
    argv: [
      'build-and-capture',
      '--name',
      'Reference Debian',
      '--platform',
      'linux',
      '--image',
      'Debian 12',
      '--commands',
      'apt-get install --yes nginx',
      '--capture-destination',
      'server:Debian 12 reference',
    ],
  },
  {
    file: 'upgrade',
    argv: ['upgrade', '--name', 'To Windows 11', '--upgrade-package', 'Windows 11 media'],
  },
  { file: 'custom', argv: ['custom', '--name', 'Something of our own'] },
];
/** Each of them on machines that it is for. */
const madeOn: readonly { file: string; device: string }[] = [
  ...['windows-laptop', 'windows-desktop', 'windows-in-use', 'windows-arm'].map((device) => ({
    file: 'install',
    device,
  })),
  { file: 'install-linux', device: 'laptop' },
  { file: 'install-linux', device: 'arm-board' },
  { file: 'build-and-capture', device: 'windows-desktop' },
  { file: 'build-and-capture-linux', device: 'laptop' },
  { file: 'upgrade', device: 'windows-in-use' },
  { file: 'custom', device: 'laptop' },
];

/** Each sequence on each device, and what else is worth seeing. */
const cases: readonly { file: string; argv: readonly string[]; code: 0 | 1 }[] = [
  ...['linux-image', 'bench-custom'].flatMap((sequence) =>
    devices.map((device) => ({
      file: `${sequence}-${device}`,
      argv: [`docs/examples/${sequence}.yaml`, '--device', `docs/examples/devices/${device}.yaml`],
      code: 0 as const,
    })),
  ),
  ...madeOn.map(({ file, device }) => ({
    file: `template-${file}-${device}`,
    argv: [
      `docs/examples/templates/${file}.yaml`,
      '--device',
      `docs/examples/devices/${device}.yaml`,
    ],
    code: 0 as const,
  })),
  {
    file: 'template-upgrade-fails',
    argv: [
      'docs/examples/templates/upgrade.yaml',
      '--device',
      'docs/examples/devices/windows-in-use.yaml',
      '--fail',
      'Upgrade Operating System=0xC1900208',
    ],
    code: 1,
  },
  {
    file: 'linux-image-updates-fail',
    argv: [
      'docs/examples/linux-image.yaml',
      '--device',
      'docs/examples/devices/laptop.yaml',
      '--fail',
      'Install updates=100',
      '--answer',
      'Save power on a laptop=false',
      ...listed,
    ],
    code: 0,
  },
  {
    file: 'linux-image-disk-fails',
    argv: [
      'docs/examples/linux-image.yaml',
      '--device',
      'docs/examples/devices/desktop.yaml',
      '--fail',
      'Apply Debian 12=0x80070070',
      ...listed,
    ],
    code: 1,
  },
  {
    file: 'linux-image-wrong-architecture',
    argv: [
      'docs/examples/linux-image.yaml',
      '--device',
      'docs/examples/devices/arm-board.yaml',
      ...listed,
    ],
    code: 1,
  },
  {
    file: 'bench-custom-test-fails',
    argv: [
      'docs/examples/bench-custom.yaml',
      '--device',
      'docs/examples/devices/arm-board.yaml',
      '--fail',
      'Memory=1',
      '--variable',
      'Tray=boards',
      ...listed,
    ],
    code: 0,
  },
];

const quote = (word: string) => (word.includes(' ') ? `"${word}"` : word);

async function command(argv: readonly string[]) {
  const words = argv.map((word) => word.replace('docs/examples', examples));
  const { code, out, err } = await runHere(['sequence', ...words]);
  return { code, out, err: err.replaceAll(examples, 'docs/examples') };
}

describe('M13 the examples of templates', () => {
  it.each(made)('$file is what sequence new makes', async ({ file, argv }) => {
    const { code, out } = await command(['new', ...argv]);
    const line = argv.map(quote).join(' ');
    expect(code).toBe(0);
    const text = `# metalwright sequence new ${line}\n#\n${out}`;
    await expect(text).toMatchFileSnapshot(`${examples}/templates/${file}.yaml`);
  });
});

describe('M03 M06 M09 M10 M11 M13 the examples, simulated', () => {
  it.each(cases)('$file', async ({ file, argv, code }) => {
    const ended = await command(['simulate', ...argv]);
    const line = argv.map(quote).join(' ');
    const text = `$ metalwright sequence simulate ${line}\n\n${ended.out}`;
    expect(ended.code).toBe(code);
    expect(text.split('\n').filter((each) => each.length > 100 && !each.startsWith('$'))).toEqual(
      [],
    );
    await expect(text).toMatchFileSnapshot(`${examples}/expected/${file}.txt`);
  });

  it('and no other text is kept', async () => {
    const kept = (await readdir(`${examples}/expected`)).sort();
    expect(kept).toEqual(cases.map(({ file }) => `${file}.txt`).sort());
  });
});

it('describes every setting of a device in docs/simulate.md', async () => {
  const text = await readFile(`${examples}/../simulate.md`, 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  const named = new Set(
    rows.flatMap((row) => [...row.matchAll(/`(\w[\w-]*)`/g)].map(([, name]) => name)),
  );
  const settings = Object.keys(SimulatedDevice.shape).filter((name) => name !== '$schema');
  const missing = [...settings, ...Object.keys(chassisTypes)].filter((name) => !named.has(name));
  expect(missing).toEqual([]);
});
