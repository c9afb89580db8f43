import type { StepReader } from '../../step-reader.ts';
import { isNeverSet } from '../os-variable.ts';
import { hasSwitch } from '../script-name.ts';
import { builtIn, type MapMdtStep, quietAccount, typed } from '../step-parts.ts';

/** LTIApply: the image of an operating system; Windows PE on the disk; what is to be removed after it. */
export const apply: MapMdtStep = (reader, script) => {
  if (hasSwitch(script, 'pe'))
    return builtIn(
      reader,
      'A restart to Windows PE brings the boot image by itself; the restart that comes next goes there',
    );
  if (hasSwitch(script, 'post'))
    return builtIn(reader, 'The agent removes its own files and boot entries by itself');
  return applyImage(reader);
};

function applyImage(reader: StepReader): ReturnType<MapMdtStep> {
  quietAccount(reader);
  const guid = valueOf(reader, 'OSGUID')?.trim();
  const name = guid === undefined ? undefined : reader.objectName('os-image', guid);
  const image =
    name === undefined ? reader.required('os-image', 'The operating system', 'OSGUID') : { name };
  const index =
    guid === undefined ? undefined : reader.context.share?.imageIndexes.get(guid.toLowerCase());
  if (index === undefined && name !== undefined)
    reader.need({
      kind: 'setting',
      message:
        'Which image of its WIM the operating system is, is not in the file: it is taken for the first',
      hint: 'Correct the image index, or import the whole deployment share: metalwright import mdt <folder>.',
    });
  if (reader.context.share?.hasAnswerFile === true)
    reader.need({
      kind: 'reference',
      message: `The answer file Control\\${reader.context.share.sequenceId}\\Unattend.xml is not taken over`,
      hint: 'Where it says more than Apply Windows Settings does, make a package of it and choose it as answerFile of Apply Operating System Image.',
    });
  return typed({
    type: 'apply-image',
    params: {
      image,
      ...(index === undefined ? {} : { index }),
      destination: destinationOf(reader),
    },
  });
}

/** A property of the step, or the variable that its sequence sets before all steps. */
function valueOf(reader: StepReader, name: string): string | undefined {
  const own = reader.text(name);
  if (own !== undefined) return own;
  const global = reader.context.sequence.globals.findLast(
    (each) => each.name.toLowerCase() === name.toLowerCase() && each.value !== '',
  );
  return global?.value;
}

function destinationOf(reader: StepReader): unknown {
  const disk = wholeNumber(valueOf(reader, 'DestinationDisk'));
  const partition = wholeNumber(valueOf(reader, 'DestinationPartition'));
  const drive = valueOf(reader, 'DestinationOSDriveLetter')?.trim();
  const variable = valueOf(reader, 'DestinationOSVariable')?.trim();
  reader.ignore('DestinationOSRefresh');
  switch (valueOf(reader, 'DestinationOSInstallType')?.trim().toLowerCase() ?? '') {
    case 'bydiskpartition':
      if (disk !== undefined && partition !== undefined) return { disk, partition };
      break;
    case 'bydriveletter':
      if (drive !== undefined && /^[a-z]:?\\?$/i.test(drive))
        return { drive: `${drive.slice(0, 1).toUpperCase()}:` };
      break;
    case 'nextpartition':
      return 'next-available';
    default:
  }
  if (variable === undefined || !/^[A-Za-z_][\w-]*$/.test(variable)) return 'next-available';
  if (!isNeverSet(reader, variable)) return { variable };
  reader.need({
    kind: 'setting',
    message: `Nothing gives the variable ${variable} a drive: the image goes to the next partition that has room`,
  });
  return 'next-available';
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,5}\s*$/.test(text) ? Number(text) : undefined;
}
