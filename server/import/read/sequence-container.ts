import { ImportError } from '../import-error.ts';
import type { ImportNeed } from '../map-step.ts';
import type { SourceSequence } from '../source-sequence.ts';
import { arrayOf, type CimInstance, objectsOf, readInstance } from './cim-instance.ts';
import { readableName } from './readable-name.ts';
import { readSequenceTree, type SequenceTree } from './sequence-tree.ts';
import { childOf, parseXml, type XmlBudget, type XmlElement } from './xml.ts';

/** Where an XML text comes from, and what its sequence is called if it has no name of its own. */
interface ContainerPlace {
  readonly from: string;
  readonly fileName: string;
  readonly id?: string | undefined;
  /** A name that something beside it gives it: `TaskSequences.xml` of MDT. */
  readonly name?: string | undefined;
  readonly budget?: XmlBudget;
}

interface ContainedSequences {
  readonly sequences: readonly SourceSequence[];
  readonly needs: readonly ImportNeed[];
}

const PACKAGE_CLASS = 'SMS_TaskSequencePackage';
const PACKAGE_2007 = 'SmsTaskSequencePackage';

/** The id of a sequence of MDT: the folder that its `ts.xml` lies in. */
export function mdtIdOf(fileName: string): string | undefined {
  return /([^\\/]+)[\\/]ts\.xml$/i.exec(fileName)?.[1];
}

/**
 * The sequences of one XML text: a `<sequence>`, an instance of `SMS_TaskSequencePackage`, the package of
 * Configuration Manager 2007, or any of these within elements around them, as elements or as text.
 * @throws {ImportError} `import.no-sequence`, `import.too-deep`, `import.xml*` of a sequence that lies in it as text
 */
export function readSequences(root: XmlElement, place: ContainerPlace): ContainedSequences {
  const found = [...containersIn(root)];
  if (found.length === 0) found.push(...containersInTexts(root, place));
  if (found.length === 0)
    throw new ImportError('import.no-sequence', `${place.from}: ${whatItIs(root)}`, {
      position: { line: root.line, column: 1 },
      hint: 'ts.xml of MDT, object.xml or a ZIP export of Configuration Manager are read.',
    });
  const read = found.map((element) => readContainer(element, place));
  return {
    sequences: read.map(({ sequence }) => sequence),
    needs: read.flatMap(({ needs }) => needs),
  };
}

function whatItIs(root: XmlElement): string {
  const className = root.attributes['CLASSNAME'];
  return className === undefined
    ? `its element ${root.name} is no task sequence`
    : `it is an object of the class ${className}, no task sequence`;
}

function* containersIn(element: XmlElement): Generator<XmlElement> {
  if (element.name === 'sequence' || element.name === PACKAGE_2007 || isPackage(element))
    yield element;
  else for (const child of element.children) yield* containersIn(child);
}

/** Dumps of WMI objects have the sequence as a text in some element. */
function containersInTexts(element: XmlElement, place: ContainerPlace): readonly XmlElement[] {
  const { from, budget } = place;
  const own = /^\s*<(?:\?xml|sequence|INSTANCE|SmsTaskSequencePackage)[\s>]/.test(element.text)
    ? [...containersIn(parseXml(element.text.trim(), `${from} (line ${element.line})`, budget))]
    : [];
  return [...own, ...element.children.flatMap((child) => containersInTexts(child, place))];
}

function isPackage({ name, attributes }: XmlElement): boolean {
  return name === 'INSTANCE' && attributes['CLASSNAME'] === PACKAGE_CLASS;
}

function readContainer(element: XmlElement, place: ContainerPlace) {
  if (element.name === 'sequence') return readBare(element, place);
  return isPackage(element)
    ? readPackage(readInstance(element), place)
    : readPackage2007(element, place);
}

const ownAttributes = /^(?:version|name|description|xmlns(?::.*)?)$/;

function readBare(element: XmlElement, place: ContainerPlace) {
  const tree = readSequenceTree(element, place.from);
  return sequenceOf(tree, place, {
    name: element.attributes['name'],
    description: element.attributes['description'],
    id: place.id,
    properties: propertiesOf(
      Object.entries(element.attributes).filter(([name]) => !ownAttributes.test(name)),
    ),
    references: [],
  });
}

function readPackage(instance: CimInstance, place: ContainerPlace) {
  const { values } = instance;
  const text = values.get('Sequence');
  if (text === undefined)
    throw new ImportError('import.no-sequence', `${place.from}: its property Sequence is empty`, {
      position: { line: instance.element.line, column: 1 },
    });
  const tree = { ...treeInText(text, place), format: 'configmgr' as const };
  const own = new Set(['Sequence', 'Name', 'Description', 'PackageID']);
  const systems = arrayOf(instance, 'SupportedOperatingSystems').filter((each) => each !== '');
  return sequenceOf(tree, place, {
    name: values.get('Name'),
    description: values.get('Description'),
    id: values.get('PackageID'),
    properties: {
      ...propertiesOf([...values].filter(([name]) => !own.has(name))),
      ...(systems.length === 0 ? {} : { SupportedOperatingSystems: systems.join(', ') }),
    },
    references: objectsOf(instance, 'References').flatMap(
      (reference) => reference.values.get('Package') ?? [],
    ),
  });
}

/** `<SmsTaskSequencePackage>`: its properties are elements, the sequence is one too, or a text. */
function readPackage2007(element: XmlElement, place: ContainerPlace) {
  const data = childOf(element, 'SequenceData');
  const inner = data === undefined ? undefined : childOf(data, 'sequence');
  if (data === undefined || (inner === undefined && data.text.trim() === ''))
    throw new ImportError('import.no-sequence', `${place.from}: it has no SequenceData`, {
      position: { line: element.line, column: 1 },
    });
  const tree =
    inner === undefined ? treeInText(data.text, place) : readSequenceTree(inner, place.from);
  const textOf = (name: string): string | undefined => childOf(element, name)?.text.trim();
  const own = new Set(['SequenceData', 'Name', 'Description', 'PackageID']);
  return sequenceOf({ ...tree, format: 'configmgr' }, place, {
    name: textOf('Name'),
    description: textOf('Description'),
    id: textOf('PackageID'),
    properties: propertiesOf(
      element.children.filter(({ name }) => !own.has(name)).map(({ name, text }) => [name, text]),
    ),
    references: [],
  });
}

function treeInText(text: string, { from, budget }: ContainerPlace): SequenceTree {
  const inside = `${from} (its sequence)`;
  const root = parseXml(text.trim(), inside, budget);
  if (root.name !== 'sequence')
    throw new ImportError('import.no-sequence', `${inside}: its element is ${root.name}`, {
      position: { line: root.line, column: 1 },
    });
  return readSequenceTree(root, inside);
}

/** Longest property that is kept. */
const MAX_PROPERTY = 4000;

/** Those that say something: not empty, not zero, not false. */
function propertiesOf(
  entries: readonly (readonly [string, string])[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries
      .map(([name, value]) => [name, value.trim()] as const)
      .filter(([, value]) => value !== '' && value !== '0' && value.toLowerCase() !== 'false')
      .map(([name, value]) => [name, value.slice(0, MAX_PROPERTY)]),
  );
}

interface Around {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly id: string | undefined;
  readonly properties: Readonly<Record<string, string>>;
  readonly references: readonly string[];
}

function sequenceOf(
  { unknown, ...tree }: SequenceTree,
  { from, fileName, name: given }: ContainerPlace,
  around: Around,
): { readonly sequence: SourceSequence; readonly needs: readonly ImportNeed[] } {
  const name = around.name?.trim() || given?.trim() || readableName(fileName);
  const references = [...new Set([...tree.references, ...around.references])];
  return {
    sequence: {
      ...tree,
      from,
      name,
      description: around.description?.trim() ?? '',
      id: around.id?.trim() || undefined,
      properties: around.properties,
      references: references.filter((id) => id.trim() !== ''),
    },
    needs: unknown.map((xml) => ({
      kind: 'setting',
      message: `${name}: what stands in its sequence beside steps and groups is not known and was not taken over: ${xml.slice(0, 200)}`,
    })),
  };
}
