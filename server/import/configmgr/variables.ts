import { ImportError } from '../import-error.ts';
import type { MapStep } from '../map-step.ts';
import { placeholder } from '../placeholder.ts';
import { readDynamicRules } from './dynamic-rules.ts';
import { isPlainSecret } from './secret-value.ts';
import { typed } from './typed-step.ts';

/** `tsenv.exe "NAME=VALUE" /hiddenflag:False`. */
const TSENV = /^\s*"?tsenv\.exe"?\s+"([^="]+)=([^]*?)"\s*(?:\/hiddenflag:(\w+)\s*)?$/i;

/** Set Task Sequence Variable. A hidden value is not in an export, and never in the document. */
export const setVariable: MapStep = (reader) => {
  const [, named, given, hidden] = TSENV.exec(reader.step.action) ?? [];
  const name = (reader.text('VariableName') ?? named ?? '').trim();
  if (name.toLowerCase() === '_smstsorgname')
    return {
      ...placeholder(reader.step, ''),
      how: 'built-in',
      reason:
        'It only titles the progress window of Configuration Manager, which is not shown here',
    };
  const value = reader.text('VariableValue') ?? given ?? '';
  const isHidden = reader.flag('DoNotShowVariableValue') ?? hidden?.toLowerCase() === 'true';
  if (!isHidden && !isPlainSecret(name, value))
    return typed(reader, 'set-variable', { name, value: value || undefined }, ['value']);
  const secret = reader.secretIn(`The value of ${name}`, value !== '');
  return typed(reader, 'set-variable', { name, value: secret, secret: true });
};

/** Set Dynamic Variables. */
export const setDynamicVariables: MapStep = (reader) => {
  const xml = reader.text('Rules', 'OSDSetDynamicVariablesRules');
  if (xml === undefined || xml.trim() === '') return typed(reader, 'set-dynamic-variables', {});
  try {
    const { rules, needs } = readDynamicRules(xml, (name, isWritten) =>
      reader.secretIn(`The value of ${name}`, isWritten),
    );
    for (const need of needs) reader.need(need);
    return typed(reader, 'set-dynamic-variables', { rules }, ['rules']);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    return {
      how: 'unsupported',
      reason: `Its rules cannot be read: ${error.message}`,
      actions: [{ type: 'set-dynamic-variables', params: {} }],
    };
  }
};
