import { describe, expect, it } from 'vitest';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import type { SimulatedMachine } from '#agent/simulated-machine/machine.ts';
import type { WindowsContent } from '#agent/simulated-machine/storage.ts';
import { pathKey, simulatedValue } from '#agent/simulated-machine/windows.ts';
import { administratorEnd } from '../windows-setup/administrator.ts';
import { AGENT_FOLDER, COMPLETE_MARKER, FAILED_MARKER } from '../windows-setup/places.ts';
import { steps } from './index.ts';
import { checkSteps, imagePackage, runSteps, type StepRun } from './testing/run-step.ts';

const disk = {
  type: 'format-disk',
  params: {
    partitions: [
      { name: 'EFI', type: 'efi', size: { mb: 300 } },
      { type: 'msr', size: { mb: 16 } },
      { name: 'Windows', variable: 'OSDisk' },
    ],
  },
};
const image = imagePackage({ name: 'Windows 11', kind: 'windows' });
const answers = {
  ...imagePackage({}, 'MWL00002'),
  objects: [{ ...image.objects[0], path: 'answers/Unattend.xml' }],
} as typeof image;
const apply = (params: object = {}) => ({
  type: 'apply-image',
  params: { image: { id: 'MWL00001' }, ...params },
});
const supplied = { answerFile: { package: { id: 'MWL00002' }, file: 'Answers\\unattend.xml' } };
const windowsSettings = (params: object = {}) => ({ type: 'apply-windows-settings', params });
const networkSettings = (params: object) => ({ type: 'apply-network-settings', params });
const setup = { type: 'setup-windows' };
const ANSWER_FILE = '\\Windows\\Panther\\Unattend\\Unattend.xml';

function answerText(architecture: string, owner = '%Owner%') {
  return `<unattend xmlns="urn:schemas-microsoft-com:unattend"><settings pass="specialize"><component name="Microsoft-Windows-Shell-Setup" processorArchitecture="${architecture}" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS"><RegisteredOwner>${owner}</RegisteredOwner></component></settings></unattend>`;
}

/** Runs the steps on a machine whose programs succeed; what is on the volume of Windows at each of its programs. */
async function install(
  run: StepRun & { readonly whileSettingUp?: readonly string[] },
  text = answerText('amd64'),
) {
  let machine: SimulatedMachine | undefined;
  let atFirstStart: WindowsContent | undefined;
  const volumeNow = () => machine?.storage.list()[0]?.partitions.at(-1)?.volume ?? '';
  const now = () => machine?.storage.read(volumeNow()).windows ?? undefined;
  const result = await runSteps({
    content: [image, answers],
    contentFiles: { 'MWL00002/answers/Unattend.xml': new TextEncoder().encode(text) },
    ...run,
    onMachine: (made) => {
      machine = made;
      const start = made.start.bind(made);
      made.start = (next) => {
        const windows = next === 'disk' ? now() : undefined;
        const files = new Map(windows?.files);
        for (const path of run.whileSettingUp ?? []) files.set(path, new Uint8Array());
        if (windows) made.storage.write(volumeNow(), { windows: { ...windows, files } });
        return start(next);
      };
    },
    machine: {
      pe: 'winpe',
      otherProgram: () => {
        atFirstStart ??= now();
        return { output: 'Administrateur\r\n' };
      },
      ...run.machine,
    },
  });
  const file = (content: WindowsContent | undefined, path: string) => {
    const bytes = content?.files.get(pathKey(path));
    return bytes && new TextDecoder().decode(bytes);
  };
  return { ...result, atFirstStart, now, file };
}

describe('M53 setup-windows', () => {
  it.each(['winpe', 'linux-pe'] as const)(
    'goes from %s into the new Windows, and leaves no answer file there',
    async (pe) => {
      const { state, facts, atFirstStart, now, file, machine } = await install({
        steps: [disk, apply(), windowsSettings({ computerName: 'PC-1' }), setup],
        machine: { pe },
      });
      expect(state.result).toMatchObject({ succeeded: true });
      expect(facts.flatMap((fact) => (fact.kind === 'resumed' ? [fact.environment] : []))).toEqual([
        'full-os',
      ]);
      const xml = file(atFirstStart, ANSWER_FILE);
      expect(xml).toContain('<ComputerName>PC-1</ComputerName>');
      expect(xml).toContain('<AdministratorPassword>');
      expect(atFirstStart?.agent).toBe('x64');
      expect(file(atFirstStart, '\\Windows\\Setup\\Scripts\\SetupComplete.cmd')).toContain(
        COMPLETE_MARKER,
      );
      const key = 'CurrentControlSet\\Services\\MetalwrightAgent';
      expect(
        simulatedValue(atFirstStart ?? neverThere(), { hive: 'SYSTEM', key, name: 'Start' }),
      ).toEqual({ type: 'REG_DWORD', data: 2 });
      expect(file(now(), ANSWER_FILE)).toBeUndefined();
      expect(machine.commands).toEqual([expect.arrayContaining(['powershell.exe'])]);
    },
  );

  it('keeps the passwords of the steps sealed, and out of the log', async () => {
    const { facts, log, file, atFirstStart } = await install({
      steps: [
        disk,
        apply(),
        windowsSettings({ randomAdminPassword: false, adminPassword: 'Geheim-Wort-1' }),
        networkSettings({
          join: 'domain',
          domain: 'corp.example',
          account: { user: 'CORP\\joiner', password: 'Beitritt%PATH%9' },
        }),
        setup,
      ],
    });
    const told = facts.flatMap((fact) => ('variables' in fact ? fact.variables : []));
    for (const { value, secret } of told)
      if (value.includes('Geheim-Wort-1') || value.includes('Beitritt')) expect(secret).toBe(true);
    expect(log.join('\n')).not.toMatch(/Geheim-Wort-1|Beitritt/);
    // What looks like a mark in a password is none.
    expect(file(atFirstStart, ANSWER_FILE)).toContain('<Password>Beitritt%PATH%9</Password>');
  });

  it('takes the last Apply Network Settings, and what was captured before both', async () => {
    const { file, atFirstStart } = await install({
      steps: [
        disk,
        apply(),
        networkSettings({ join: 'domain', domain: 'a', account: { user: 'b' } }),
        networkSettings({ join: 'workgroup', workgroup: 'LAST' }),
        windowsSettings({ timeZone: 'UTC' }),
        setup,
      ],
      variables: { OSDTimeZone: 'Romance Standard Time' },
    });
    const xml = file(atFirstStart, ANSWER_FILE);
    expect(xml).toContain('<JoinWorkgroup>LAST</JoinWorkgroup>');
    expect(xml).not.toContain('JoinDomain');
    expect(xml).toContain('<TimeZone>Romance Standard Time</TimeZone>');
  });

  it('puts variables into the supplied file, and lays the steps over it', async () => {
    const { file, atFirstStart, state } = await install({
      steps: [disk, apply(supplied), windowsSettings({ computerName: 'PC-2' }), setup],
      variables: { Owner: 'A & B' },
    });
    expect(state.result?.error).toBeUndefined();
    expect(file(atFirstStart, ANSWER_FILE)).toContain(
      '<RegisteredOwner>A &amp; B</RegisteredOwner>',
    );
  });

  it('keeps a SetupComplete.cmd of the image, which runs first', async () => {
    const path = '\\Windows\\Setup\\Scripts\\SetupComplete.cmd';
    const found = new TextEncoder().encode('echo own');
    let machine: SimulatedMachine | undefined;
    const { state, log } = await runSteps({
      steps: [disk, apply(), setup],
      content: [image],
      machine: { pe: 'winpe', otherProgram: () => ({}) },
      onMachine: (made) => {
        machine = made;
        const write = made.storage.write.bind(made.storage);
        made.storage.write = (volume, content) => {
          const files = new Map([[pathKey(path), found]]);
          const windows = { files, edits: [], agent: null, drivers: [] };
          const whole = content.image?.complete === true ? { ...content, windows } : content;
          write(volume, whole);
        };
      },
    });
    expect(state.result?.succeeded).toBe(true);
    const volume = machine?.storage.list()[0]?.partitions.at(-1)?.volume ?? '';
    const files = machine?.storage.read(volume).windows?.files;
    const kept = pathKey('\\Windows\\Setup\\Scripts\\SetupComplete.metalwright-original.cmd');
    expect(files?.get(kept)).toEqual(found);
    expect(log.join()).toContain('SetupComplete.cmd of the image is kept');
  });

  it('is done again wherever the power goes', async () => {
    const steps = [disk, apply(), windowsSettings({ computerName: 'PC-1' }), setup];
    let cuts = 0;
    for (let moment = 1; moment <= 80; moment++) {
      const { state, facts, file, atFirstStart, now } = await install({
        steps,
        machine: { powerCuts: [moment] },
      });
      cuts += facts.filter(({ kind }) => kind === 'step-interrupted').length;
      expect(state.result, `cut at ${moment}`).toMatchObject({ succeeded: true });
      expect(file(atFirstStart, ANSWER_FILE)).toContain('PC-1');
      expect(file(now(), ANSWER_FILE)).toBeUndefined();
    }
    expect(cuts).toBeGreaterThan(30);
  });

  it('fails with Windows Setup, where ErrorHandler.cmd said so', async () => {
    const { state, machine, file, now } = await install({
      steps: [disk, apply(), windowsSettings(), setup],
      whileSettingUp: [pathKey(`${AGENT_FOLDER}\\${FAILED_MARKER}`)],
    });
    expect(state.result?.error?.code).toBe('windows.setup-failed');
    expect(file(now(), ANSWER_FILE), 'passwords are not left there').toBeUndefined();
    expect(machine.commands).toEqual([]);
  });

  it('refuses a Windows that was not generalized', async () => {
    const { state } = await install({
      steps: [disk, apply(), setup],
      machine: { windows: { imageState: 'IMAGE_STATE_COMPLETE' } },
    });
    expect(state.result?.error?.code).toBe('windows.not-generalized');
  });

  it('fails where the administrator cannot be disabled', async () => {
    const { state } = await install({
      steps: [disk, apply(), windowsSettings(), setup],
      machine: { otherProgram: () => ({ code: administratorEnd.unchanged }) },
    });
    expect(state.result?.error?.code).toBe('windows.administrator');
  });

  it('installs the client of the package, and restarts where that is wished for', async () => {
    const client = {
      ...imagePackage({}, 'MWL00003'),
      objects: [{ ...image.objects[0], path: 'ccmsetup.exe' }],
    } as typeof image;
    const { state, machine } = await install({
      steps: [
        disk,
        apply(),
        {
          ...setup,
          params: { clientPackage: { id: 'MWL00003' }, installProperties: 'SMSMP="a b"' },
        },
      ],
      content: [image, client],
      machine: { otherProgram: () => ({ code: 7 }) },
    });
    expect(state.result?.succeeded).toBe(true);
    expect(machine.commands).toEqual([
      ['/simulated/content/MWL00003\\ccmsetup.exe', '/noservice', 'SMSMP=a b'],
    ]);
    expect(state.restarts).toBe(2);
  });

  it('cannot be continued on error', () => {
    const node = { step: 'Setup', ...setup, continueOnError: true };
    const parse = () => parseTaskSequence({ name: 'x', steps: [node] }, steps);
    expect(parse).toThrow(/steps\[0\]\.continueOnError: .*cannot be continued on error/);
  });
});

describe('M53 what is checked before the first step', () => {
  const before = async (steps: readonly object[], text?: string) => {
    const { findings, untouched } = await checkSteps({
      steps,
      content: [image, answers],
      contentFiles: {
        'MWL00002/answers/Unattend.xml': new TextEncoder().encode(text ?? answerText('amd64')),
      },
      machine: { pe: 'winpe' },
    });
    expect(untouched).toBe(true);
    return findings.map(({ error }) => error.code);
  };

  it.each([
    [[disk, apply(supplied)], undefined, []],
    [[disk, apply(supplied)], answerText('x86'), ['windows.answer-architecture']],
    [[disk, apply(supplied)], '<unattend', ['unattend.not-xml']],
    [
      [disk, apply({ answerFile: { ...supplied.answerFile, file: 'other.xml' } })],
      undefined,
      ['content.missing'],
    ],
    [[windowsSettings({ timeZone: 'Mitteleuropäische Zeit' })], undefined, ['windows.time-zone']],
    [[windowsSettings({ uiLanguage: 'deutsch!' })], undefined, ['unattend.locale']],
    [[networkSettings({ adapters: [{ dnsDomain: 'a' }] })], undefined, ['unattend.adapter']],
  ])('%j with %s: %j', async (steps, text, codes) => {
    expect(await before(steps, text)).toEqual(codes);
  });
});

function neverThere(): WindowsContent {
  throw new Error('no program ran');
}
