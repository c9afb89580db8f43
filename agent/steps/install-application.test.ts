import { describe, expect, it } from 'vitest';
import { madeApplication, programPackage } from './software/testing/made-software.ts';
import { runSteps, type StepRun } from './testing/run-step.ts';
import { faultsOf, simulateStep } from './testing/simulate-step.ts';

const type = 'install-application';

describe('M02 install-application', () => {
  it('tells how it went in _TSAppInstallStatus', async () => {
    const listed = await simulateStep(type, {
      applications: [{ name: 'Mail' }, { name: 'Browser' }],
    });
    expect(listed.log).toEqual(['Would install Mail', 'Would install Browser']);
    expect(listed.changes).toEqual({ _TSAppInstallStatus: 'Success' });
    const variables = { Apps01: 'Mail', Apps02: 'Reader' };
    const dynamic = await simulateStep(type, { baseVariable: 'Apps' }, { variables });
    expect(dynamic.log).toEqual(['Would install Mail', 'Would install Reader']);
    const none = await simulateStep(type, { baseVariable: 'Apps' });
    expect(none.changes).toEqual({ _TSAppInstallStatus: 'Undefined' });
  });

  it.each([
    [{}, 'applications: needs an application'],
    [{ applications: [{ name: 'a' }], baseVariable: 'A' }, 'baseVariable: is instead'],
    [{ applications: [{}] }, 'applications.0: needs an id or a name'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf(type, params)).toEqual([expect.stringContaining(fault)]);
  });
});

const CODE = '{11111111-2222-3333-4444-555555555555}';
const product = (productCode: string, version = '1.0') => ({
  productCode,
  upgradeCode: null,
  name: 'Mail',
  version,
});
const byMsi = (more: object = {}) => ({
  name: 'MSI',
  technology: 'msi',
  content: { id: 'MW100009' },
  install: 'msiexec.exe /i mail.msi /qn',
  detection: { productCode: CODE },
  ...more,
});

/** A Windows on which `msiexec` installs the product, and others do what `effects` says. */
function bench(effects: Readonly<Record<string, () => { code?: number }>> = {}) {
  const products: ReturnType<typeof product>[] = [];
  const files: Record<string, object> = {};
  const machine = {
    installed: true,
    pe: 'winpe',
    disks: [{ sizeBytes: 1e11, partitions: [{ sizeBytes: 9e10, fileSystem: 'ntfs' }] }],
    os: { family: 'windows', version: '10.0.22631', productType: 'client', language: null },
    products,
    files,
    inventory: { Win32_ComputerSystem: [{ TotalPhysicalMemory: 8 * 1024 ** 3 }] },
    programs: {
      'msiexec.exe': () => {
        products.push(product(CODE));
        return { code: 0 };
      },
      ...effects,
    },
  } as const;
  return { products, files, machine };
}
const content = (...applications: readonly ReturnType<typeof madeApplication>[]) => [
  ...applications,
  programPackage('MW100009', [], 'Mail files'),
];
const mail = (more: object = {}, type: object = {}) =>
  madeApplication('MW100001', { deploymentTypes: [byMsi(type)], ...more }, 'Mail');
const installMail = { type, params: { applications: [{ id: 'MW100001' }] } };

async function run(more: Partial<StepRun>) {
  const { machine: simulated, ...rest } = await runSteps({ steps: [installMail], ...more });
  const finished = rest.facts.flatMap((fact) => (fact.kind === 'step-finished' ? [fact] : []));
  return { ...rest, commands: simulated.commands, error: finished.at(-1)?.error, finished };
}

describe('M21 an application', () => {
  it('is installed where its requirements are met and it is not there, and then found', async () => {
    const { machine } = bench();
    const { commands, value, log, error } = await run({ machine, content: content(mail()) });
    expect(error).toBeUndefined();
    expect(commands).toEqual([['msiexec.exe', '/i', 'mail.msi', '/qn']]);
    expect(value('_TSAppInstallStatus')).toBe('Success');
    expect(log.join('\n')).toContain('Mail is there: Mail 1.0');
  });

  it('is not installed where it is there already, of that version or a newer one', async () => {
    const { machine, products } = bench();
    products.push(product(CODE, '2.1'));
    const there = await run({
      machine,
      content: content(mail({}, { detection: { productCode: CODE, version: '2.0' } })),
    });
    expect(there.commands).toEqual([]);
    expect(there.value('_TSAppInstallStatus')).toBe('Success');
    const older = await run({
      machine,
      content: content(mail({}, { detection: { productCode: CODE, version: '3.0' } })),
    });
    expect(older.commands).toHaveLength(1);
    expect(older.error?.code).toBe('application.not-detected');
  });

  it.each([
    ['memory', { memoryMb: 16_384 }],
    ['disk', { freeDiskMb: 1_000_000 }],
    ['system', { platforms: [{ minVersion: '10.0.26100' }] }],
    ['primary device', { primaryDevice: true }],
    ['condition', { condition: { kind: 'file', path: 'C:\\Windows\\no.exe' } }],
    ['script', { script: 'Get-It', operator: 'at-least', value: '5' }],
  ] as const)('is a warning alone where a requirement is not met: %s', async (_, requirement) => {
    const { machine } = bench({ 'powershell.exe': () => ({ code: 0, output: '4' }) });
    const given = { machine, content: content(mail({}, { requirements: [requirement] })) };
    const told = await run(given);
    expect([told.commands.filter(([name]) => name === 'msiexec.exe'), told.error]).toEqual([
      [],
      undefined,
    ]);
    expect(told.value('_TSAppInstallStatus')).toBe('Warning');
    const strict = await run({ ...given, variables: { TSErrorOnWarning: 'true' } });
    expect(strict.error?.code).toBe('application.requirements');
  });

  it('is installed by the first deployment type whose requirements are met', async () => {
    const { machine } = bench();
    const types = [
      byMsi({ name: 'Big', requirements: [{ memoryMb: 64_000 }], install: 'big.exe' }),
      byMsi({ requirements: [{ memoryMb: 4096 }, { primaryDevice: false }] }),
    ];
    const { commands } = await run({ machine, content: content(mail({ deploymentTypes: types })) });
    expect(commands.map(([name]) => name)).toEqual(['msiexec.exe']);
  });

  it('fails with 0x87D00324 where it is not found afterwards', async () => {
    const { machine } = bench({ 'msiexec.exe': () => ({ code: 0 }) });
    const { error, finished, value } = await run({ machine, content: content(mail()) });
    expect(error?.code).toBe('application.not-detected');
    expect(finished.at(-1)?.code).toBe(0x87d00324);
    expect(value('_TSAppInstallStatus')).toBe('Error');
  });

  it('is found by a file, the registry or a script that prints something', async () => {
    const { machine, files } = bench({
      'setup.exe': () => {
        files['C:\\App\\app.exe'] = { version: '5.0' };
        return { code: 0 };
      },
      'powershell.exe': () => ({ code: 0, output: files['C:\\App\\app.exe'] ? 'yes' : '' }),
    });
    const byFile = { condition: { kind: 'file', path: 'C:\\App\\app.exe' } };
    for (const detection of [byFile, { script: 'Test-App' }]) {
      delete files['C:\\App\\app.exe'];
      const given = content(mail({}, { install: 'setup.exe', detection }));
      const told = await run({ machine, content: given });
      expect([told.error, told.value('_TSAppInstallStatus')]).toEqual([undefined, 'Success']);
      const again = await run({ machine, content: given });
      expect(again.commands.filter(([name]) => name === 'setup.exe')).toEqual([]);
    }
  });

  it('has what it depends on installed first, and what it supersedes taken away', async () => {
    const { machine, files } = bench({
      'runtime.exe': () => {
        files['C:\\runtime'] = {};
        return { code: 0 };
      },
      'remove.exe': () => {
        delete files['C:\\old'];
        return { code: 0 };
      },
    });
    files['C:\\old'] = {};
    const script = (id: string, name: string, more: object) =>
      madeApplication(
        id,
        { deploymentTypes: [{ name: 'Script', install: 'none.exe', ...more }] },
        name,
      );
    const at = (path: string) => ({ detection: { condition: { kind: 'file', path } } });
    const runtime = script('MW100002', 'Runtime', { install: 'runtime.exe', ...at('C:\\runtime') });
    const old = script('MW100003', 'Old mail', { uninstall: 'remove.exe', ...at('C:\\old') });
    const given = content(
      mail(
        { supersedes: [{ application: { id: 'MW100003' }, uninstall: true }] },
        { dependencies: [{ anyOf: [{ application: { id: 'MW100002' } }] }] },
      ),
      runtime,
      old,
    );
    const { commands, error } = await run({ machine, content: given });
    expect(error).toBeUndefined();
    expect(commands.map(([name]) => name)).toEqual(['runtime.exe', 'remove.exe', 'msiexec.exe']);
  });

  it('is refused where it depends on itself, is retired, or not for task sequences', async () => {
    const { machine } = bench();
    const code = async (more: object, deploymentType: object = {}) =>
      (await run({ machine, content: content(mail(more, deploymentType)) })).error?.code;
    const itself = { dependencies: [{ anyOf: [{ application: { id: 'MW100001' } }] }] };
    expect(await code({}, itself)).toBe('application.circle');
    expect(await code({ retired: true })).toBe('application.not-allowed');
    expect(await code({ allowFromSequence: false })).toBe('application.not-allowed');
    expect(await code({}, { installFor: 'user' })).toBe('application.not-allowed');
  });

  it('of a list in variables is named as it is written; one that fails lets the others go on', async () => {
    const { machine } = bench({ 'bad.exe': () => ({ code: 7 }) });
    const bad = madeApplication(
      'MW100002',
      { deploymentTypes: [byMsi({ install: 'bad.exe' })] },
      'Bad',
    );
    const given = { machine, content: content(bad, mail()) };
    const listed = (continueOnInstallError: boolean) => [
      { type, params: { baseVariable: 'Apps', continueOnInstallError } },
    ];
    const variables = { Apps01: 'Bad', Apps02: 'Mail' };
    const stopped = await run({ ...given, variables, steps: listed(false) });
    expect([stopped.error?.code, stopped.commands.length]).toEqual(['step.exit-code', 1]);
    const goesOn = await run({ ...given, variables, steps: listed(true) });
    expect([goesOn.error, goesOn.commands.length]).toEqual([undefined, 2]);
    expect(goesOn.value('_TSAppInstallStatus')).toBe('Error');
    const wrongCase = await run({ ...given, variables: { Apps01: 'mail' }, steps: listed(false) });
    expect(wrongCase.error?.code).toBe('application.unknown');
    const none = await run({ ...given, steps: listed(false) });
    expect(none.value('_TSAppInstallStatus')).toBe('Undefined');
  });

  it('is tried again as OSDAppInstallRetries says', async () => {
    let tries = 0;
    const { machine, products } = bench({
      'msiexec.exe': () => {
        tries += 1;
        if (tries === 3) products.push(product(CODE));
        return { code: tries === 3 ? 0 : 1603 };
      },
    });
    const variables = { OSDAppInstallRetries: '2', OSDAppInstallRetryTimeout: '0' };
    const { error, commands } = await run({ machine, content: content(mail()), variables });
    expect([error, commands.length]).toEqual([undefined, 3]);
  });

  it('asks for a restart at the end of the list, or goes on behind one that has begun', async () => {
    const { machine, products } = bench({
      'msiexec.exe': () => {
        products.push(product(CODE));
        return { code: 1641 };
      },
      'next.exe': () => ({ code: 3010 }),
    });
    const next = madeApplication(
      'MW100002',
      { deploymentTypes: [byMsi({ install: 'next.exe', detection: { script: 'exit 1' } })] },
      'Next',
    );
    const apps = [{ id: 'MW100001' }, { id: 'MW100002' }];
    const told = await run({
      machine,
      content: content(mail(), next),
      steps: [
        { type, params: { applications: apps } },
        { type: 'set-variable', params: { name: 'After', value: 'yes' } },
      ],
    });
    expect(told.commands.filter(([name]) => name !== 'powershell.exe')).toEqual([
      ['msiexec.exe', '/i', 'mail.msi', '/qn'],
      ['next.exe'],
    ]);
    expect(told.facts.filter(({ kind }) => kind === 'restart-requested')).toHaveLength(2);
    expect(told.value('After')).toBe('yes');
  });
});
