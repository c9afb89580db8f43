import { listSettings, type Setting } from './setting-paths.ts';

/** A value that an environment variable gives a setting. */
export interface EnvironmentValue {
  readonly variable: string;
  readonly setting: Setting;
  readonly value: unknown;
}

/** Short names that were there first. Where both are set, the long one wins. */
const shortNames: Readonly<Record<string, readonly string[]>> = {
  METALWRIGHT_DATA: ['dataDirectory'],
  METALWRIGHT_BOOT_IMAGES: ['bootImageDirectory'],
  METALWRIGHT_BOOT_PORT: ['listeners', 'boot', 'port'],
  METALWRIGHT_DATABASE_URL: ['database', 'url'],
  METALWRIGHT_AGENT_PORT: ['listeners', 'agents', 'port'],
  METALWRIGHT_CONSOLE_PORT: ['listeners', 'console', 'port'],
};

/** Variables of the scripts and the agent, which are no settings of the server. */
const others =
  /^METALWRIGHT_(CACHE|SAMPLES|BENCH_\w+|LAB_\w+|PROPERTY_RUNS|COMMAND|SERVER|SITE_CA|STATE|SYSTEM|TERMINALS|TS|BOOT_BASE|BOOT_MAC|ENVIRONMENT|AGENT_VERSION)$/;

/** `METALWRIGHT_LISTENERS__BOOT__PORT` for `listeners.boot.port`: two underscores part the keys. */
export function variableOf({ path }: Pick<Setting, 'path'>): string {
  const words = path.map((key) => key.replaceAll(/[A-Z]/g, '_$&').toUpperCase());
  return `METALWRIGHT_${words.join('__')}`;
}

/** The short name of a setting, where it has one. */
export function shortVariableOf({ path }: Pick<Setting, 'path'>): string | undefined {
  const wanted = path.join('.');
  return Object.entries(shortNames).find(([, keys]) => keys.join('.') === wanted)?.[0];
}

/**
 * What the environment sets, short names first, and the variables that look like settings and are none.
 * An empty variable is one that is not set.
 */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): {
  readonly values: readonly EnvironmentValue[];
  readonly unknown: readonly string[];
} {
  const settings = listSettings();
  const named = new Map<string, Setting>();
  for (const setting of settings) {
    const short = shortVariableOf(setting);
    if (short !== undefined) named.set(short, setting);
  }
  for (const setting of settings) named.set(variableOf(setting), setting);
  const values = [...named].flatMap(([variable, setting]) => {
    const text = environment[variable];
    if (text === undefined || text === '') return [];
    return [{ variable, setting, value: valueOf(text, setting) }];
  });
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith('METALWRIGHT_') && !named.has(name) && !others.test(name),
  );
  return { values, unknown };
}

/** Text that is no value of the kind stays text: the schema says what is wrong with it. */
function valueOf(text: string, { kind }: Setting): unknown {
  switch (kind) {
    case 'text':
      return text;
    case 'number':
      return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
    case 'boolean':
      return { true: true, false: false }[text.toLowerCase()] ?? text;
    case 'list':
      return text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
    case 'json':
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return text;
      }
  }
}
