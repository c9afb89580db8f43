import type { MachineExpression } from '../condition.ts';
import { substitute, VARIABLE_MARK, type Variables } from '../variables.ts';

/**
 * An expression with `%Name%` put in. In paths, keys, data of the registry and WQL only the names of
 * variables that exist: `%windir%` is the system's, and `LIKE "%Latitude%"` is no variable at all.
 */
export function putVariables(
  expression: MachineExpression,
  variables: Variables,
): MachineExpression {
  const known = (text: string): string =>
    text.replaceAll(VARIABLE_MARK, (mark, name: string) => variables.value(name) ?? mark);
  const all = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : substitute(text, variables).text.trim();
  switch (expression.kind) {
    case 'file':
      return {
        ...expression,
        path: known(expression.path),
        version: all(expression.version),
        modified: all(expression.modified),
      };
    case 'folder':
      return { ...expression, path: known(expression.path), modified: all(expression.modified) };
    case 'registry': {
      const { key, valueName, data } = expression;
      return {
        ...expression,
        key: known(key),
        valueName: valueName && known(valueName),
        data: data && known(data),
      };
    }
    case 'software': {
      const { productCode, upgradeCode } = expression;
      return { ...expression, productCode: all(productCode), upgradeCode: all(upgradeCode) };
    }
    case 'wmi': {
      const { namespace, query } = expression;
      return { ...expression, namespace: namespace && known(namespace), query: known(query) };
    }
    case 'os-version':
    case 'os-language':
      return expression;
  }
}
