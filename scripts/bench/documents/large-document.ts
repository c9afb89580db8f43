/** A document with the number of its steps, all of them enabled. */
export interface LargeDocument {
  readonly document: { readonly name: string; readonly steps: readonly object[] };
  readonly stepCount: number;
}

const STEPS_IN_GROUP = 40;

/**
 * A document of at least so many bytes of JSON in one line: groups with conditions, steps of many types,
 * with nested conditions, variables, scripts, layouts and references, as real ones have them.
 */
export function largeDocument(bytes: number): LargeDocument {
  const groups: object[] = [];
  let size = 0;
  let stepCount = 0;
  while (size < bytes) {
    const steps = Array.from({ length: STEPS_IN_GROUP }, () => stepOf(stepCount++));
    const group = {
      group: `Group ${groups.length}`,
      description: 'What belongs together, with a sentence: it is told to people.',
      continueOnError: groups.length % 3 === 0,
      condition: conditionOf(groups.length),
      steps,
    };
    groups.push(group);
    size += JSON.stringify(group).length + 1;
  }
  return { document: { name: 'Large', steps: groups }, stepCount };
}

function stepOf(index: number): object {
  const makers = [command, variable, script, partitions, image, workgroup, restart, rules];
  const made = makers[index % makers.length]?.(index) ?? {};
  return {
    step: `Step ${index}: does something`,
    ...(index % 2 === 0 ? { condition: conditionOf(index) } : {}),
    ...(index % 5 === 0 ? { continueOnError: true } : {}),
    ...made,
  };
}

function conditionOf(index: number): object {
  return {
    all: [
      { kind: 'variable', variable: `Site${index % 7}`, operator: 'equals', value: 'Vienna' },
      {
        any: [
          {
            kind: 'wmi',
            query: 'SELECT * FROM Win32_ComputerSystem WHERE Model LIKE "%Latitude%"',
          },
          { kind: 'file', path: '%windir%\\regedit.exe', version: '10.0', versionOperator: 'less' },
          { none: [{ kind: 'variable', variable: '_SMSTSInWinPE', operator: 'exists' }] },
        ],
      },
    ],
  };
}

function command(index: number): object {
  const commandLine = `cmd.exe /c "install.cmd" /quiet /log %LogFolder%\\install-${index}.log`;
  const params = {
    commandLine,
    timeoutMinutes: 30,
    successCodes: [0, 3010],
    workingDirectory: 'C:\\',
  };
  return { type: 'run-command', params: { ...params, package: { name: `Package ${index}` } } };
}

function variable(index: number): object {
  return {
    type: 'set-variable',
    params: { name: `Name${index}`, value: `%Other${index % 97}%: x` },
  };
}

function script(index: number): object {
  const lines = [
    '# Sets it up',
    `$path = "C:\\Temp\\${index}"`,
    'if (Test-Path $path) {',
    '  exit 1',
    '}',
  ];
  return { type: 'run-powershell', params: { script: `${lines.join('\n')}\n` } };
}

function partitions(index: number): object {
  const list = [
    { name: 'EFI', type: 'efi', size: { mb: 512 } },
    { name: 'Windows', size: { percent: 90 }, fileSystem: 'ntfs', variable: `Volume${index}` },
    { name: 'Recovery', type: 'recovery', size: 'rest' },
  ];
  return { type: 'format-disk', params: { disk: '%Disk%', style: 'gpt', partitions: list } };
}

function image(index: number): object {
  const destination = { variable: `Volume${index}` };
  return {
    type: 'apply-image',
    params: { image: { name: `Image ${index}` }, index: 1, destination },
  };
}

function workgroup(index: number): object {
  return {
    type: 'join-domain',
    params: { join: 'workgroup', workgroup: `GROUP${index % 10}` },
  };
}

function restart(): object {
  return {
    type: 'restart',
    params: { target: 'hd', message: 'It goes on in a moment', delaySeconds: 30 },
  };
}

function rules(index: number): object {
  const condition = { all: [{ kind: 'make-model', make: 'Dell*', model: `Latitude ${index}` }] };
  const variables = [{ name: `Drivers${index}`, value: 'Dell' }];
  return { type: 'set-dynamic-variables', params: { rules: [{ condition, variables }] } };
}
