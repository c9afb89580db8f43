import type { ComparisonOperator } from '#agent/sequence/condition/comparison.ts';
import { registryTypes } from '#agent/sequence/query-capability.ts';
import { DEFAULT_NAMESPACE } from '#agent/sequence/wql/answer.ts';
import type { SourceCondition } from '../source-sequence.ts';
import { type FieldReader, fieldReader } from './fields.ts';
import { instantOf } from './instant.ts';
import { mapComputer, mapMakeModel } from './machine.ts';
import { comparisonOf, presenceOf, variableOperatorOf } from './operators.ts';
import { mapOsExpression } from './os-version.ts';

type SourceExpression = Extract<SourceCondition, { kind: 'expression' }>;

/** A condition of a document, or why there is none. */
export type MappedExpression =
  | { readonly condition: unknown }
  | { readonly condition?: undefined; readonly reason: string };

/** Makes an expression of a document from one of ConfigMgr or MDT, by its type. */
export function mapExpression({ type, fields }: SourceExpression): MappedExpression {
  const kind = /^(?:\w*_)?([a-z]*?)(?:Condition)?Expression$/i.exec(type.trim())?.[1];
  const field = fieldReader(fields);
  switch (kind?.toLowerCase() ?? '') {
    case 'variable':
      return mapVariable(field);
    case 'wmi':
      return mapWmi(field);
    case 'file':
      return mapPath('file', field);
    case 'folder':
      return mapPath('folder', field);
    case 'registry':
      return mapRegistry(field);
    case 'software':
      return mapSoftware(field);
    case 'os':
      return mapOsExpression(field);
    case 'makemodel':
      return mapMakeModel(field);
    case 'computer':
      return mapComputer(field);
    default:
      return { reason: `expressions of the type ${JSON.stringify(type)} are not known` };
  }
}

function mapVariable(field: FieldReader): MappedExpression {
  // It is written without the marks; with them it means the same.
  const variable = field('Variable')
    ?.trim()
    .replace(/^%(.+)%$/, '$1');
  if (variable === undefined || variable === '') return { reason: 'it names no variable' };
  const word = field('Operator') ?? '';
  const operator = variableOperatorOf(word);
  if (operator === undefined)
    return { reason: `the operator ${JSON.stringify(word)} is not known` };
  const takesValue = operator !== 'exists' && operator !== 'notExists';
  const value = takesValue ? { value: field('Value') ?? '' } : {};
  return { condition: { kind: 'variable', variable, operator, ...value } };
}

function mapWmi(field: FieldReader): MappedExpression {
  const query = field('Query')?.trim() ?? '';
  if (query === '') return { reason: 'its query is empty' };
  const namespace = field('Namespace')?.trim() ?? '';
  const isDefault = namespace.replaceAll('/', '\\').toLowerCase() === DEFAULT_NAMESPACE;
  return {
    condition: {
      kind: 'wmi',
      ...(namespace === '' || isDefault ? {} : { namespace }),
      query,
    },
  };
}

function mapPath(kind: 'file' | 'folder', field: FieldReader): MappedExpression {
  const path = field('Path')?.trim() ?? '';
  if (path === '') return { reason: 'its path is empty' };
  const version = kind === 'file' ? pair(field, 'Version') : {};
  const time = pair(field, 'DateTime');
  if ('reason' in version) return version;
  if ('reason' in time) return time;
  const modified = time.value === undefined ? undefined : instantOf(time.value);
  if (time.value !== undefined && modified === undefined)
    return { reason: `${JSON.stringify(time.value)} is no point in time` };
  return {
    condition: {
      kind,
      path,
      ...(version.value === undefined
        ? {}
        : {
            version: version.value.replaceAll(/\s*,\s*/g, '.'),
            versionOperator: version.operator,
          }),
      ...(modified === undefined ? {} : { modified, modifiedOperator: time.operator }),
    },
  };
}

/** A value and its operator, `Version` and `VersionOperator`; without a value there is neither. */
function pair(
  field: FieldReader,
  name: string,
):
  | { readonly value?: string; readonly operator?: ComparisonOperator }
  | { readonly reason: string } {
  const value = field(name)?.trim() ?? '';
  if (value === '') return {};
  const word = field(`${name}Operator`) ?? '';
  const operator = comparisonOf(word);
  return operator === undefined
    ? { reason: `the operator ${JSON.stringify(word)} of its ${name} is not known` }
    : { value, operator };
}

function mapRegistry(field: FieldReader): MappedExpression {
  // As PowerShell and .reg files write it, too: `HKLM:\…`, `[HKEY_…]`, slashes.
  const key = (field('KeyPath') ?? '')
    .trim()
    .replace(/^Registry::/i, '')
    .replaceAll('/', '\\')
    .replace(/^(HK\w+):/i, '$1')
    .replace(/\\+$/, '');
  if (key === '') return { reason: 'it names no key' };
  const word = field('Operator') ?? '';
  const operator = presenceOf(word) ?? comparisonOf(word);
  if (operator === undefined)
    return { reason: `the operator ${JSON.stringify(word)} is not known` };
  const isPresence = operator === 'exists' || operator === 'notExists';
  const wanted = field('Type')?.trim().toUpperCase();
  const type = registryTypes.find((known) => known === wanted);
  const valueName = field('Value') ?? '';
  return {
    condition: {
      kind: 'registry',
      key,
      ...(valueName === '' ? {} : { valueName }),
      ...(type === undefined ? {} : { type }),
      operator,
      ...(isPresence ? {} : { data: field('Data') ?? '' }),
    },
  };
}

function mapSoftware(field: FieldReader): MappedExpression {
  const word = field('Operator')?.trim().toLowerCase() ?? '';
  const codes = {
    productCode: field('ProductCode')?.trim(),
    upgradeCode: field('UpgradeCode')?.trim(),
  };
  const isThis = word === 'thisversion' || (word === '' && codes.productCode !== undefined);
  if (!isThis && word !== 'anyversion')
    return { reason: `the operator ${JSON.stringify(field('Operator') ?? '')} is not known` };
  const named = {
    ...codes,
    productName: field('ProductName')?.trim().slice(0, 300),
    version: field('Version')?.trim().slice(0, 100),
  };
  const kept = Object.entries(named).filter(([, value]) => value !== undefined && value !== '');
  const match = isThis ? 'this-version' : 'any-version';
  return { condition: { kind: 'software', match, ...Object.fromEntries(kept) } };
}
