import { isSecretName } from '#agent/sequence/secret-names.ts';
import { HIDDEN, type Variables } from '#agent/sequence/variables.ts';

/** Settings that hold a secret by their name; `successCodes` and `keyboard` do not. */
const SECRET_SETTING = /password|passphrase|secret$|^pin$|recoveryKey/i;

/**
 * The settings of a step on one line, its command line first. Hidden are settings that are passwords, and
 * what is about to become a secret variable; values of those that are one already, the caller hides.
 */
export function settingText(params: unknown, variables: Variables): string {
  const hidden = redact(params);
  if (!isRecord(hidden)) return '';
  const { commandLine, parameters, ...other } = hidden;
  // As their own logs do: parameters of a script are shown only on request.
  const isLogged = isOn(variables, 'OSDLogPowerShellParameters');
  const shown = typeof parameters === 'string' && !isLogged ? HIDDEN : parameters;
  const rest = { ...other, ...(parameters === undefined ? {} : { parameters: shown }) };
  if (commandLine !== undefined && isOn(variables, 'OSDDoNotLogCommand'))
    return 'a command line that is not shown (OSDDoNotLogCommand)';
  const parts = [
    ...(commandLine === undefined ? [] : [flow(commandLine)]),
    ...Object.entries(rest).map(([key, value]) => `${key}: ${flow(value)}`),
  ];
  return parts.join(commandLine === undefined ? ', ' : '; ');
}

function isOn(variables: Variables, name: string): boolean {
  return variables.value(name)?.trim().toLowerCase() === 'true';
}

function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (!isRecord(value)) return value;
  const { name, variable } = value;
  const isSecret =
    value['secret'] === true ||
    [name, variable].some((each) => typeof each === 'string' && isSecretName(each));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const hides = (isSecret && key === 'value') || SECRET_SETTING.test(key);
      return [key, hides && typeof inner === 'string' ? HIDDEN : redact(inner)];
    }),
  );
}

/** A value as YAML writes it on one line, near enough for people. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (isRecord(value)) {
    const known = Object.entries(value).filter(([, inner]) => inner !== undefined);
    const entries = known.map(([key, inner]) => `${key}: ${flow(inner)}`);
    return `{${entries.join(', ')}}`;
  }
  if (typeof value !== 'string') return String(value);
  const [first = '', ...more] = value.trim().split(/\r?\n/);
  return more.length === 0 ? first : `${first.trimEnd()} … (${more.length + 1} lines)`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
