/** What Run Command Line and Run PowerShell Script have in common (reference: steps, section 6). */
import { VARIABLE_MARK } from '#agent/sequence/variables.ts';
import type { StepReader } from '../step-reader.ts';
import { requiredAccount } from './account.ts';

const MAX_MINUTES = 999;
/** What a program of Configuration Manager is a success with where nothing else is said. */
const STANDARD_CODES = '0 3010';

/** Names of the settings that the two call differently. */
interface ProgramNames {
  readonly successCodes: string;
  readonly outputVariable: string;
  readonly asUser: string;
  readonly userName: string;
  readonly password: string;
  readonly workingDirectory: string;
}

/** The settings, as both steps take them; what is not set is undefined. */
export function programSettings(
  reader: StepReader,
  names: ProgramNames,
): Readonly<Record<string, unknown>> {
  if (reader.flag('LoadProfile') === false) reader.ignore('LoadProfile');
  const startIn = reader.text('WorkingDirectory', names.workingDirectory)?.trim();
  return {
    workingDirectory: startIn || reader.attribute('startIn')?.trim() || undefined,
    timeoutMinutes: timeoutMinutes(reader),
    successCodes: successCodes(reader, names.successCodes),
    outputVariable: reader.text('OutputVariableName', names.outputVariable)?.trim() || undefined,
    runAs: runAs(reader, names),
  };
}

/** Codes that count as success: the attribute is what the engine goes by. */
function successCodes(
  reader: StepReader,
  property: string,
): readonly number[] | string | undefined {
  const written = reader.text('SuccessCodes', property);
  const text = reader.attribute('successCodeList') ?? written ?? STANDARD_CODES;
  if (written !== undefined && written.trim() !== text.trim())
    reader.need({
      kind: 'setting',
      message: `Its success codes stand in it twice: ${text} counts, not ${written.slice(0, 200)}`,
    });
  if (text.search(VARIABLE_MARK) >= 0) return text;
  const words = text.split(/[\s,;]+/).filter(Boolean);
  const codes = words.filter((word) => /^-?\d{1,10}$/.test(word));
  const others = words.filter((word) => !codes.includes(word));
  if (others.length > 0)
    reader.need({
      kind: 'setting',
      message: `No exit codes: ${others.join(' ').slice(0, 200)}, among the success codes`,
    });
  return codes.length === 0 || codes.join(' ') === STANDARD_CODES ? undefined : codes.map(Number);
}

/** The attribute is in seconds. */
function timeoutMinutes(reader: StepReader): number | undefined {
  const text = reader.attribute('timeout')?.trim();
  if (text === undefined || /^0*$/.test(text)) return undefined;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  const minutes =
    seconds === undefined ? undefined : Math.min(MAX_MINUTES, Math.ceil(seconds / 60));
  if (minutes === undefined || minutes * 60 !== seconds)
    reader.need({
      kind: 'setting',
      message:
        minutes === undefined
          ? `Its time-out ${text.slice(0, 100)} is no number of seconds; it has none now`
          : `Its time-out of ${seconds} seconds is ${minutes} minutes now`,
    });
  return minutes;
}

/** Without the flag, account and password mean nothing. */
function runAs(
  reader: StepReader,
  { asUser, userName, password }: ProgramNames,
): Readonly<Record<string, string>> | undefined {
  const isAsked = reader.flag('RunAsUser', asUser);
  if (isAsked !== true) {
    reader.ignore('UserName', userName, 'UserPassword', password);
    const text = reader.text('RunAsUser', asUser);
    if (isAsked === undefined && text !== undefined)
      reader.need({
        kind: 'setting',
        message: `Whether it runs as another account is not clear: ${text.slice(0, 100)}; it runs as the agent`,
      });
    return undefined;
  }
  return requiredAccount(reader, {
    what: 'the account it runs as',
    user: ['UserName', userName],
    password: ['UserPassword', password],
    userVariable: userName,
  });
}
