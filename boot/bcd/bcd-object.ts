import { BcdError } from './bcd-error.ts';
import type { BcdDevice } from './device.ts';
import { type ElementName, elementNames } from './element-names.ts';
import { type BcdValue, kindOf } from './element-value.ts';
import { guidOf } from './guid.ts';
import type { BcdElement, BcdObject } from './store.ts';

/** A setting as it is written in code: an integer also by the name that bcdedit has for it. */
export type Setting = string | number | boolean | readonly string[] | readonly number[] | BcdDevice;

const CUSTOM = /^custom:([0-9a-f]{8})$/i;

/**
 * An object with its settings by bcdedit's names, as `{ nx: 'OptIn', timeout: 30 }`; elements without a
 * name are `custom:<id>`. A setting that is undefined is left out.
 * @throws {BcdError} `bcd.setting`, `bcd.guid`
 */
export function bcdObject(
  id: string,
  type: number,
  settings: Readonly<Record<string, Setting | undefined>>,
): BcdObject {
  const names = elementNames(type);
  const elements = Object.entries(settings).flatMap(([name, setting]): BcdElement[] => {
    if (setting === undefined) return [];
    const custom = CUSTOM.exec(name)?.[1];
    const known =
      custom === undefined
        ? names.find((entry) => entry.name === name)
        : { id: Number.parseInt(custom, 16), name };
    if (known === undefined)
      throw new BcdError(
        'bcd.setting',
        `An object of the type ${type.toString(16)} has no setting "${name}"`,
      );
    return [{ id: known.id, value: valueOf(known, setting) }];
  });
  elements.sort((a, b) => a.id - b.id);
  return { id: guidOf(id), type, elements };
}

function valueOf(element: ElementName, setting: Setting): BcdValue {
  const kind = kindOf(element.id);
  if (kind === 'boolean' && typeof setting === 'boolean') return { kind, on: setting };
  if (kind === 'string' && typeof setting === 'string') return { kind, text: setting };
  if (kind === 'object' && typeof setting === 'string') return { kind, object: guidOf(setting) };
  if (kind === 'integer') {
    const integer = typeof setting === 'string' ? choiceOf(element, setting) : setting;
    if (typeof integer === 'number' && Number.isSafeInteger(integer) && integer >= 0)
      return { kind, integer: BigInt(integer) };
  }
  if (Array.isArray(setting)) return listOf(element, setting);
  if (kind === 'device' && typeof setting === 'object' && 'kind' in setting)
    return { kind, device: setting };
  throw unfit(element, setting);
}

function listOf(element: ElementName, setting: readonly unknown[]): BcdValue {
  const kind = kindOf(element.id);
  const texts = setting.filter((entry) => typeof entry === 'string');
  if (kind === 'objects' && texts.length === setting.length)
    return { kind, objects: texts.map(guidOf) };
  const numbers = setting.filter((entry) => Number.isSafeInteger(entry)).map(Number);
  if (kind === 'integers' && numbers.length === setting.length)
    return { kind, integers: numbers.map(BigInt) };
  throw unfit(element, setting);
}

function choiceOf({ choices }: ElementName, name: string): number {
  return choices?.indexOf(name) ?? -1;
}

function unfit({ name, id }: ElementName, setting: unknown): BcdError {
  return new BcdError(
    'bcd.setting',
    `The setting "${name}" is of the kind ${kindOf(id)}, which ${JSON.stringify(setting)} is not`,
  );
}
