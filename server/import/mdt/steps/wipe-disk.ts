import { equivalent, inPe, type MapMdtStep, programSettings, variable } from '../step-parts.ts';

/** ZTIWipeDisk: the disk of a machine that is given away, where WipeDisk says so. */
export const wipeDisk: MapMdtStep = (reader) =>
  equivalent('format.com overwrites the drive three times in Windows PE, where WipeDisk is TRUE', {
    type: 'run-command',
    params: {
      ...programSettings(reader),
      commandLine: 'cmd.exe /c format C: /FS:NTFS /X /Y /P:3',
    },
    condition: { all: [inPe, variable('WipeDisk', 'equals', 'TRUE')] },
  });
