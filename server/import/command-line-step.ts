import type { MappedStep } from './map-step.ts';
import { placeholder } from './placeholder.ts';
import { withSingleQuotes } from './single-quotes.ts';
import type { StepReader } from './step-reader.ts';

/** `smsswd.exe /run:ABC00012 setup.exe /quiet`: the package, and what is run in it. */
const RUN = /^\s*"?smsswd\.exe"?\s+\/run:([^\s"]*)\s+([^]+)$/i;
const MAX_MINUTES = 999;

/**
 * A step of a class that nobody here knows: its command line is run as it stands, from its package where
 * it names one. One without a command line is kept disabled.
 */
export function commandLineStep(reader: StepReader): MappedStep {
  const { step } = reader;
  const className = step.type ?? '';
  const what = className === '' ? 'A step without a class' : `The class ${className}`;
  const action = step.action.trim();
  if (action === '') return placeholder(step, `${what} is not known, and it has no command line`);
  const run = RUN.exec(action);
  const content = reader.referTo('package', run?.[1] ?? '');
  const workingDirectory = reader.attribute('startIn');
  const successCodes = reader.attribute('successCodeList')?.match(/-?\d+/g);
  const seconds = Number(reader.attribute('timeout') ?? 0);
  return {
    how: 'command-line',
    reason: `${what} is not known: its command line is run as it stands`,
    actions: [
      {
        type: 'run-command',
        params: {
          commandLine: withSingleQuotes(run?.[2]?.trim() ?? action, reader),
          ...(content === undefined ? {} : { package: content }),
          ...(workingDirectory === undefined ? {} : { workingDirectory }),
          ...(successCodes == null ? {} : { successCodes: successCodes.map(Number) }),
          ...(seconds > 0
            ? { timeoutMinutes: Math.min(MAX_MINUTES, Math.ceil(seconds / 60)) }
            : {}),
        },
      },
    ],
  };
}
