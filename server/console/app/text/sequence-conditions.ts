/** Words of conditions: what each kind is called, and the sentence that says what one means. */
export const conditionText = {
  groups: {
    all: 'All of these are true',
    any: 'At least one of these is true',
    none: 'None of these is true',
  },
  kinds: {
    variable: 'Task sequence variable',
    'os-version': 'Operating system version',
    'os-language': 'Operating system language',
    file: 'File',
    folder: 'Folder',
    registry: 'Registry',
    wmi: 'WMI query',
    software: 'Installed software',
  } as Readonly<Record<string, string>>,
  operators: {
    exists: 'exists',
    notExists: 'does not exist',
    nonExists: 'does not exist',
    equals: 'is',
    notEquals: 'is not',
    less: 'is less than',
    lessEqual: 'is at most',
    greater: 'is greater than',
    greaterEqual: 'is at least',
    like: 'is like',
    notLike: 'is not like',
  } as Readonly<Record<string, string>>,
  intoGroup: 'Put it into a group',
  always: 'It always runs.',
  runsIf: (sentence: string) => `It runs if ${sentence}.`,
  and: ' and ',
  or: ' or ',
  not: (inner: string) => `it is not so that ${inner}`,
  nothingOf: {
    all: 'nothing is asked (true)',
    any: 'one of nothing is true (never)',
    none: 'nothing is asked (true)',
  },
  inBrackets: (inner: string) => `(${inner})`,
  variable: (name: string, operator: string, value: string) =>
    `variable ${name} ${operator}${value}`,
  file: (path: string, facts: string) =>
    facts === '' ? `file ${path} exists` : `file ${path} ${facts}`,
  folder: (path: string, facts: string) =>
    facts === '' ? `folder ${path} exists` : `folder ${path} ${facts}`,
  version: (operator: string, value: string) => `has a version that ${operator} ${value}`,
  modified: (operator: string, value: string) => `was changed at a time that ${operator} ${value}`,
  registry: (key: string, name: string, said: string) =>
    `registry ${name === '' ? 'key' : `value ${name} of`} ${key} ${said}`,
  wmi: (query: string, namespace: string) =>
    `the query ${query}${namespace === '' ? '' : ` in ${namespace}`} finds something`,
  software: (name: string) => `${name} is installed`,
  someSoftware: 'a product',
  language: (language: string) => `the language of the system is ${language}`,
  system: (names: string) => `the system is ${names}`,
  someSystem: 'any system',
  unknown: (kind: string) => `a condition of the kind ${kind} holds`,
} as const;
