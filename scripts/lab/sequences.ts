import type { SequenceDocument } from './site.ts';

/** Name under which the lab stores its OS image. */
export const LAB_IMAGE = 'Debian for the lab';
const inPe = { kind: 'variable', variable: '_SMSTSInWinPE', operator: 'equals', value: 'true' };
/** Holds in the deployed operating system alone. */
export const inOs = { ...inPe, value: 'false' };

/** True on machines of that make (WQL, LIKE): answered by the agent's own inventory. */
function madeBy(make: string): Readonly<Record<string, string>> {
  const query = `SELECT * FROM Win32_ComputerSystem WHERE Manufacturer LIKE "${make}"`;
  return { kind: 'wmi', query };
}

/** One GPT disk with an EFI system partition and one for the operating system. */
export function formatDisk(fileSystem: 'ext4' | 'ntfs', espMb = 260): Record<string, unknown> {
  return {
    step: 'Format the disk',
    type: 'format-disk',
    params: {
      disk: 0,
      style: 'gpt',
      partitions: [
        { name: 'ESP', type: 'efi', size: { mb: espMb } },
        { name: 'System', type: 'primary', size: 'rest', fileSystem, variable: 'OsVolume' },
      ],
    },
  };
}

/** One GPT disk as Windows wants it; its volume is in the variable `OsVolume`. */
export function formatWindowsDisk(espMb = 260): Record<string, unknown> {
  return {
    step: 'Format the disk',
    type: 'format-disk',
    params: {
      disk: 0,
      style: 'gpt',
      partitions: [
        { name: 'System', type: 'efi', size: { mb: espMb } },
        { name: 'Reserved', type: 'msr', size: { mb: 16 } },
        {
          name: 'Windows',
          type: 'primary',
          size: 'rest',
          fileSystem: 'ntfs',
          variable: 'OsVolume',
        },
      ],
    },
  };
}

/** Applies an image to what {@link formatDisk} made. */
export function applyImage(image: string): Record<string, unknown> {
  return {
    step: 'Apply the image',
    type: 'apply-image',
    params: { image: { name: image }, destination: { variable: 'OsVolume' } },
  };
}

/** Runs a shell command; the machine's own shell, PE's or the deployed OS's. */
export function shell(
  step: string,
  script: string,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const { outputVariable, ...node } = more;
  const output = outputVariable === undefined ? {} : { outputVariable };
  const params = { commandLine: `sh -c '${script}'`, ...output };
  return { step, type: 'run-command', ...node, params };
}

/** Last byte of the firmware's variable SecureBoot: 1 when it is on (UEFI 2.10, 3.3). */
export const READ_SECURE_BOOT =
  'tail -c 1 /sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c | od -An -tu1';

/** File that the sequence leaves in the deployed operating system. */
export const PROOF_FILE = '/etc/metalwright-lab';

/**
 * Everything one deployment can meet: nested groups, variables by scripts and by rules, a step only for
 * PE, for the OS, for the make, one that fails and is forgiven, a restart from the disk, and steps in the
 * deployed OS.
 */
export function deployLinux(name: string): SequenceDocument {
  return {
    name,
    steps: [
      {
        group: 'Install',
        steps: [
          formatDisk('ext4'),
          applyImage(LAB_IMAGE),
          {
            group: 'Settings',
            condition: inPe,
            steps: [
              {
                step: 'Set the owner',
                type: 'set-variable',
                params: { name: 'LabOwner', value: 'bench %_SMSTSMachineName%' },
              },
              shell('Greet from PE', 'echo %LabOwner%', { outputVariable: 'LabGreeting' }),
              shell('Set by a script in PE', 'metalwright-ts set LabScript "from %LabGreeting%"'),
              {
                step: 'Set by make and model',
                type: 'set-dynamic-variables',
                params: {
                  rules: [
                    {
                      condition: { kind: 'make-model', make: 'Acme*', model: 'Lab Box ?000' },
                      variables: [{ name: 'LabBox', value: '%LabScript%' }],
                    },
                  ],
                },
              },
              shell('Only on this make', 'echo here', { condition: madeBy('Acme%') }),
              shell('Only on another make', 'echo not here', { condition: madeBy('Emca%') }),
              shell('Ask for Secure Boot in PE', READ_SECURE_BOOT, {
                outputVariable: 'LabSecureBootPe',
              }),
              shell('Only in the OS', 'echo not here', { condition: inOs }),
              shell('Fail and be forgiven', 'exit 7', { continueOnError: true }),
            ],
          },
          { step: 'Restart into the OS', type: 'restart', params: { target: 'hd' } },
        ],
      },
      {
        group: 'In the OS',
        condition: inOs,
        steps: [
          shell('Read by a script in the OS', 'metalwright-ts get LabBox', {
            outputVariable: 'LabRead',
          }),
          shell('Leave a proof', `echo "%LabRead%, $(uname -r)" > ${PROOF_FILE}`),
          shell('Ask for Secure Boot in the OS', READ_SECURE_BOOT, {
            outputVariable: 'LabSecureBootOs',
          }),
        ],
      },
    ],
  };
}

/** How the steps of {@link deployLinux} end. */
export const DEPLOY_LINUX_ENDS = [
  'Format the disk: ok',
  'Apply the image: ok',
  'Set the owner: ok',
  'Greet from PE: ok',
  'Set by a script in PE: ok',
  'Set by make and model: ok',
  'Only on this make: ok',
  'Only on another make: skipped',
  'Ask for Secure Boot in PE: ok',
  'Only in the OS: skipped',
  'Fail and be forgiven: failed',
  'Restart into the OS: ok',
  'Read by a script in the OS: ok',
  'Leave a proof: ok',
  'Ask for Secure Boot in the OS: ok',
];

/** What `scripts/run --lab` deploys: the short way from a bare disk to a running operating system. */
export function demonstration(name: string): SequenceDocument {
  return {
    name,
    steps: [
      {
        group: 'Install',
        condition: inPe,
        steps: [
          formatDisk('ext4'),
          applyImage(LAB_IMAGE),
          { step: 'Restart into the OS', type: 'restart', params: { target: 'hd' } },
        ],
      },
      {
        group: 'Set up',
        condition: inOs,
        steps: [shell('Say hello', `echo "Deployed as %_SMSTSMachineName%" > ${PROOF_FILE}`)],
      },
    ],
  };
}
