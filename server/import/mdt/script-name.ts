/** A script in a command line. */
export interface ScriptCall {
  /** `ZTIGather.wsf`, as written. */
  readonly file: string;
  /** Without its ending, in lower case: `ztigather`. */
  readonly name: string;
  /** As written, with its folders: `%SCRIPTROOT%\ZTIGather.wsf`. */
  readonly path: string;
  /** What comes behind it. */
  readonly arguments: string;
}

const ENDING = String.raw`\.(?:wsf|vbs|vbe|jse?|ps1|cmd|bat)`;
/** Between quotes, of which the last may be missing, or up to the next blank. */
const SCRIPT = new RegExp(
  `"([^"]{0,1000}?${ENDING})(?="|$)|([^\\s"']{0,1000}${ENDING})(?![\\w.])`,
  'i',
);
/** Longer command lines are looked through up to here. */
const MAX_LINE = 10_000;

/** The first script in a command line. */
export function scriptIn(commandLine: string): ScriptCall | undefined {
  const line = commandLine.slice(0, MAX_LINE).trim();
  const found = SCRIPT.exec(line);
  const path = (found?.[1] ?? found?.[2])?.trim();
  if (found === null || path === undefined) return undefined;
  const file = path.replace(/^.*[\\/]/s, '');
  const rest = line.slice(found.index + found[0].length).replace(/^["']/, '');
  return {
    file,
    name: file.replace(/\.\w+$/, '').toLowerCase(),
    path,
    arguments: rest.trim(),
  };
}

/** Whether arguments have a switch, `/capture`, `-capture` or, as PSD writes it, `Capture`, without case. */
export function hasSwitch(script: Pick<ScriptCall, 'arguments'>, name: string): boolean {
  const isWord = new RegExp(`(?:^|\\s)${name}(?=\\s|$)`, 'i').test(script.arguments);
  return isWord || switchValue(script, name) !== undefined;
}

/** The value of a switch, `/uncpath:x` and `/uncpath:"x y"`; empty where it has none. */
export function switchValue(
  { arguments: text }: Pick<ScriptCall, 'arguments'>,
  name: string,
): string | undefined {
  const match = new RegExp(
    `(?:^|\\s)[/-]${name}(?:[:=](?:"+([^"]*)"+|(\\S*))|(?=\\s|$))`,
    'i',
  ).exec(text);
  return match === null ? undefined : (match[1] ?? match[2] ?? '');
}
