import { group } from './group.ts';

const flags = { type: 'boolean' } as const;

/** Disks. */
export const diskVariableFacts = group(
  {
    title: 'Disks',
    kind: 'action',
    applies: 'Format and Partition Disk',
    supported: true,
  },
  {
    OSDDiskIndex: {
      meaning: 'Number of the disk; not for steps that name a variable of their own',
      type: 'number',
      range: [0, 10_000],
      standard: '0',
    },
    OSDPartitionStyle: { meaning: 'Partition table', values: ['GPT', 'MBR'] },
    OSDGPTBootDisk: {
      meaning: 'Adds an EFI partition to a GPT disk that has none',
      ...flags,
      standard: 'false',
    },
    OSDPartitions: {
      meaning: 'Count of the partitions that follow; they take the place of the whole list',
      type: 'number',
      range: [1, 128],
    },
    'OSDPartitions<n>Type': {
      meaning: 'Kind of the partition; each needs one',
      values: ['Primary', 'Extended', 'Logical', 'Hidden', 'EFI', 'MSR', 'Recovery'],
    },
    'OSDPartitions<n>FileSystem': {
      meaning: 'File system; without one it is not formatted',
      values: ['FAT32', 'NTFS', 'ext4', 'none'],
    },
    'OSDPartitions<n>Bootable': { meaning: 'Marks it active, on an MBR disk', ...flags },
    'OSDPartitions<n>QuickFormat': {
      meaning: 'Does not write every sector when formatting',
      ...flags,
      standard: 'true',
    },
    'OSDPartitions<n>VolumeName': { meaning: 'Label of the volume', maxLength: 36 },
    'OSDPartitions<n>Size': {
      meaning: 'Size in the units below; without one, all the rest',
      type: 'number',
    },
    'OSDPartitions<n>SizeUnits': {
      meaning: 'Unit of the size; Percent is of what remains there',
      values: ['MB', 'GB', 'Percent', '%'],
      standard: 'MB',
    },
    'OSDPartitions<n>VolumeLetterVariable': 'Name of the variable that receives the volume',
    'OSDPartitions<n>AssignVolumeLetter': {
      meaning: 'Gives the volume a drive letter in Windows PE',
      ...flags,
      standard: 'true',
    },
    TSUEFIDrive: {
      meaning: 'Name for the FAT32 partition that a change from BIOS to UEFI starts from',
      kind: 'output',
      supported: 'later',
    },
    OSDConvertDiskIndex: {
      meaning: 'Disk whose table is converted',
      type: 'number',
      supported: 'later',
    },
  },
);

/** Images. */
export const imageVariables = group(
  {
    title: 'Images',
    kind: 'action',
    applies: 'Apply Operating System Image',
    supported: 'later',
  },
  {
    OSDImageIndex: { meaning: 'Index of the image', type: 'number', supported: true },
    DestinationVariable: {
      meaning: 'Name of the variable that holds the destination',
      supported: true,
    },
    OSDTargetSystemDrive: {
      meaning:
        'Drive letter of the operating system that was applied, its volume where it has none',
      kind: 'output',
      supported: true,
    },
    OSDConfigFileName: 'Answer file in its package',
    OsdLayeredDriver: {
      meaning: 'Keyboard: 0 none, 1 PC/AT, 2 to 5 Korean, 6 Japanese',
      type: 'number',
      range: [0, 6],
      standard: '0',
    },
    OSDDataImageIndex: {
      meaning: 'Index of the image',
      type: 'number',
      applies: 'Apply Data Image',
      supported: true,
    },
    OSDWipeDestinationPartition: {
      meaning: 'Deletes what is on the partition first',
      ...flags,
      standard: 'true',
      applies: 'Apply Data Image',
      supported: true,
    },
    OSDCaptureAccount: {
      meaning: 'Account for the share',
      applies: 'Capture OS Image',
      supported: true,
    },
    OSDCaptureAccountPassword: {
      meaning: 'Its password',
      secret: true,
      applies: 'Capture OS Image',
      supported: true,
    },
    OSDCaptureDestination: {
      meaning: 'Path of the WIM to write',
      maxLength: 255,
      applies: 'Capture OS Image',
      supported: true,
    },
    OSDImageCreator: {
      meaning: 'Who made the image',
      maxLength: 255,
      applies: 'Capture OS Image',
      supported: true,
    },
    OSDImageDescription: {
      meaning: 'What the image is',
      maxLength: 255,
      applies: 'Capture OS Image',
      supported: true,
    },
    OSDImageVersion: {
      meaning: 'Its version',
      maxLength: 32,
      applies: 'Capture OS Image',
      supported: true,
    },
    OSDTargetSystemRoot: {
      meaning: 'Windows folder of the system that is captured',
      applies: 'Capture OS Image, Prepare Windows for Capture',
      supported: true,
    },
  },
);

/** General. */
export const generalVariables = group(
  { title: 'General', kind: 'action', applies: 'Run Command Line', supported: true },
  {
    WorkingDirectory: { meaning: 'Folder to start in', maxLength: 255 },
    SMSTSRunCommandLineAsUser: {
      meaning: 'true: all such steps run as the user below; false: as each step says',
      ...flags,
    },
    SMSTSRunCommandLineUserName: 'User to run as',
    SMSTSRunCommandLineUserPassword: { meaning: 'Password of that user', secret: true },
    SMSTSRunPowerShellAsUser: {
      meaning: 'As SMSTSRunCommandLineAsUser',
      ...flags,
      applies: 'Run PowerShell Script',
    },
    SMSTSRunPowerShellUserName: { meaning: 'User to run as', applies: 'Run PowerShell Script' },
    SMSTSRunPowerShellUserPassword: {
      meaning: 'Password of that user',
      secret: true,
      applies: 'Run PowerShell Script',
    },
    SMSRebootMessage: {
      meaning: 'Shown at the machine until it restarts',
      maxLength: 512,
      applies: 'Restart Computer',
    },
    SMSRebootTimeout: {
      meaning: 'Seconds until it restarts',
      type: 'number',
      range: [0, 3600],
      standard: '0',
      applies: 'Restart Computer',
    },
    SMSConnectNetworkFolderAccount: {
      meaning: 'Account for the share',
      applies: 'Connect To Network Folder',
    },
    SMSConnectNetworkFolderPassword: {
      meaning: 'Its password',
      secret: true,
      applies: 'Connect To Network Folder',
    },
    SMSConnectNetworkFolderDriveLetter: {
      meaning: 'Drive for the share, D: to Z: but not X:',
      applies: 'Connect To Network Folder',
    },
    SMSConnectNetworkFolderPath: {
      meaning: 'The share, \\\\server\\share',
      applies: 'Connect To Network Folder',
    },
  },
);
