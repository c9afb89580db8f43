import type { MappedAction } from '../../map-step.ts';
import { equivalent, type MapMdtStep, quietAccount, typed, variable } from '../step-parts.ts';

/** Memory that a video adapter may have taken, and a clock that is told roughly (MB, MHz). */
const MEMORY_SLACK = 64;
const SPEED_SLACK = 10;
/** Windows PE and logs, and Windows Setup, beside the image (MB). */
const ROOM = 150 + 3000;

const refresh = variable('DeploymentType', 'equals', 'REFRESH');

/** ZTIValidate: memory and processor; where Windows is refreshed also room, and client or server. */
export const validate: MapMdtStep = (reader) => {
  quietAccount(reader);
  const least = (name: string, slack: number): number | string | undefined => {
    const value = reader.number(name);
    if (typeof value !== 'number') return value;
    return value - slack >= 1 ? value - slack : undefined;
  };
  const memoryMb = least('ImageMemory', MEMORY_SLACK);
  const processorMhz = least('ImageProcessorSpeed', SPEED_SLACK);
  const size = reader.number('ImageSize');
  const freeDiskMb = typeof size === 'number' ? (size > 0 ? size + ROOM : undefined) : size;
  const verify = reader.text('VerifyOS')?.trim().toLowerCase();
  const osType = verify === 'client' || verify === 'server' ? verify : undefined;
  const machine: MappedAction = {
    name: 'Check the machine',
    type: 'check-readiness',
    params: defined({ memoryMb, processorMhz }),
  };
  const old = defined({ osType, freeDiskMb });
  if (Object.keys(old).length === 0) return typed({ ...machine });
  return equivalent(
    'Check Readiness checks the machine, and where Windows is refreshed what is there of it',
    machine,
    {
      name: 'Check what is to be refreshed',
      type: 'check-readiness',
      params: old,
      condition: refresh,
    },
  );
};

function defined(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
