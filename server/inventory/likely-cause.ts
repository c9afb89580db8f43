import { z } from 'zod';
import type { RunEvent, RunFact } from '#agent/protocol/run-event.ts';
import { exitCodeCause, formatExitCode } from './exit-code-causes.ts';
import type { Run } from './run.ts';

/** Why a run failed, most likely, in plain words. */
export const LikelyCause = z.object({
  /** Step that failed first, in the order of the sequence; null where none did. */
  stepId: z.string().nullable(),
  stepName: z.string().nullable(),
  /** Stable dotted code of the error. */
  code: z.string(),
  /** Exit code of the step as people know it, `0x80070002`; null where there is none. */
  exitCode: z.string().nullable(),
  /** What happened. */
  what: z.string(),
  /** What it comes from; `certain` says whether it was told or is what is usual. */
  cause: z.string(),
  certain: z.boolean(),
  todo: z.string(),
});
export type LikelyCause = z.infer<typeof LikelyCause>;

type Finished = Extract<RunFact, { kind: 'step-finished' }>;

/** What errors of one family come from, by the first word of their code. */
const families: Readonly<Record<string, { readonly cause: string; readonly todo: string }>> = {
  content: {
    cause: 'files that the task sequence needs could not be fetched whole',
    todo: 'look whether the package is there and whole, and whether the machine reaches its source',
  },
  transport: {
    cause: 'the machine could not talk to the server',
    todo: 'look at cable, VLAN and firewall between machine and server',
  },
  disk: {
    cause: 'the disk is not as the step expects it: missing, too small, in use or failing',
    todo: 'look in the log at the disks that were found; a storage driver may be missing',
  },
  image: {
    cause: 'the image and the place it is applied to do not fit, or the image is damaged',
    todo: 'look at the index of the image, at free space, and add the image anew if it is damaged',
  },
  boot: {
    cause: 'the machine could not be made to start from its disk',
    todo: 'look at the partitions (UEFI needs GPT and an EFI partition) and the firmware settings',
  },
  bitlocker: {
    cause: 'the drive could not be protected as the step says',
    todo: 'look at the TPM in the firmware settings, and at the protectors that the step names',
  },
  network: {
    cause: 'a share could not be connected, or the machine could not join',
    todo: 'look at the account, the name of the server and the way to it',
  },
  unattend: {
    cause: 'the answer file has a value that Windows Setup cannot take',
    todo: 'put the value right that the text names',
  },
  windows: {
    cause: 'Windows could not be set up from the image as it is',
    todo: 'look whether the image was generalized (Sysprep), and read setuperr.log',
  },
  readiness: {
    cause: 'the machine does not meet what the task sequence asks for',
    todo: 'the log says which check failed',
  },
  drivers: {
    cause: 'drivers could not be taken into Windows',
    todo: 'look at the driver package and its INF files',
  },
  journal: {
    cause: "the journal on the machine's disk cannot be read",
    todo: 'look at the health of the disk, and deploy the machine again',
  },
};

/**
 * The likely cause of a failed run; null for one that did not fail. The first step that failed and was not
 * passed over says more than the groups and the run that failed with it.
 */
export function likelyCause(
  run: Pick<Run, 'state' | 'error'>,
  events: readonly RunEvent[],
): LikelyCause | null {
  if (run.state === 'forked')
    return {
      ...nowhere,
      code: 'run.forked',
      what: 'Two machines sent different events of this run',
      cause: 'the disk was cloned while the run was open',
      certain: false,
      todo: 'deploy both machines again from the beginning',
    };
  if (run.state !== 'failed') return null;
  const step = failedStep(events);
  const error = step?.error ?? run.error;
  const code = error?.code ?? 'run.failed';
  const number = step?.code ?? endOf(events)?.code;
  const known = number === undefined || number === 0 ? undefined : exitCodeCause(number);
  const place = {
    stepId: step?.stepId ?? null,
    stepName: step?.name ?? null,
    code,
    exitCode: number === undefined || number === 0 ? null : formatExitCode(number),
  };
  const subject = step === undefined ? 'The run' : `Step "${step.name}"`;
  const told = error === null || error === undefined ? '' : `: ${error.message}`;
  const ended = place.exitCode === null ? '' : ` with ${place.exitCode}`;
  const meaning = known === undefined ? '' : ` (${known.text})`;
  const what = `${subject} failed${ended}${meaning}${told}`;
  const family = families[code.split('.')[0] ?? ''];
  if (family !== undefined)
    return {
      ...place,
      what,
      cause: family.cause,
      certain: false,
      todo: error?.hint ?? family.todo,
    };
  if (known !== undefined)
    return { ...place, what, cause: known.cause, certain: false, todo: error?.hint ?? known.todo };
  return {
    ...place,
    what,
    cause: error?.message ?? 'nothing more was told',
    certain: error !== null && error !== undefined,
    todo: error?.hint ?? 'read the log of the run from the failed step on',
  };
}

/** What errors of a code come from most often; undefined where that is not known. */
export function causeOfCode(code: string): string | undefined {
  return families[code.split('.')[0] ?? '']?.cause;
}

const nowhere = { stepId: null, stepName: null, exitCode: null } as const;

function endOf(events: readonly RunEvent[]) {
  const { fact } = events.findLast((event) => event.fact.kind === 'run-finished') ?? {};
  return fact?.kind === 'run-finished' ? fact : undefined;
}

/** The last step that failed: what failed before it was gone on from (continue on error), and is not the reason. */
function failedStep(events: readonly RunEvent[]): Finished | undefined {
  const failed = events.findLast(({ fact }) => fact.kind === 'step-finished' && !fact.succeeded);
  return failed?.fact.kind === 'step-finished' ? failed.fact : undefined;
}
