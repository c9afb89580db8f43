import { type DynamicRule, equals } from '../rules/rule-parts.ts';
import { switchValue } from '../script-name.ts';
import { equivalent, type MapMdtStep, quietAccount, typed } from '../step-parts.ts';

type Condition = NonNullable<DynamicRule['condition']>;

const move = (from: string, to: string, only?: Condition): DynamicRule => ({
  condition: only === undefined ? equals('PHASE', from) : { all: [equals('PHASE', from), only] },
  variables: [{ name: 'PHASE', value: to }],
});

/** From the last phase to the first: a rule sees what those before it have set, so one alone moves. */
const moves: readonly DynamicRule[] = [
  move('STATERESTORE', ''),
  move('POSTINSTALL', 'STATERESTORE'),
  move('INSTALL', 'POSTINSTALL'),
  move('PREINSTALL', 'POSTINSTALL', equals('DeploymentMethod', 'OSD')),
  move('PREINSTALL', 'INSTALL'),
  move('STATECAPTURE', 'PREINSTALL'),
  move('VALIDATION', 'STATECAPTURE'),
];

/** ZTINextPhase. */
export const nextPhase: MapMdtStep = (reader) => {
  quietAccount(reader);
  return equivalent('Rules move the variable PHASE on, as ZTINextPhase does', {
    type: 'set-dynamic-variables',
    params: { rules: moves },
  });
};

/** ZTISetVariable, where its class does not say the variable: by its properties or its arguments. */
export const setVariable: MapMdtStep = (reader, script) => {
  quietAccount(reader);
  const name = reader.text('VariableName') ?? switchValue(script, 'VariableName') ?? '';
  const value = reader.text('VariableValue') ?? switchValue(script, 'VariableValue') ?? '';
  return typed({ type: 'set-variable', params: { name: name.trim(), value } });
};
