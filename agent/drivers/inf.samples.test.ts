import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DriverFacts, driverFacts } from './driver-facts.ts';
import { parseInf } from './inf.ts';
import { matchDriver } from './match.ts';

const samples = join(
  process.env['METALWRIGHT_SAMPLES'] ?? resolve(import.meta.dirname, '../../../shared/samples'),
  'inf',
);
const files = existsSync(samples)
  ? readdirSync(samples).filter((name) => /\.in[fx]$/i.test(name))
  : [];
/** Not for devices: an installer's and a disc's. */
const NO_DRIVER = /Autorun|Set-ExecutionPolicy/;
const windows11 = { architecture: 'x64', version: '10.0.26100', productType: 'client' } as const;

interface Row {
  readonly file: string;
  readonly className: string;
  readonly classGuid: string;
  readonly driverVer: string;
  readonly ids: number;
}

function rows(): Row[] {
  const lines = readFileSync(join(samples, 'INDEX.tsv'), 'utf8').split('\n').slice(1);
  return lines.flatMap((line) => {
    const cells = line.split('\t');
    const [file = '', , , , , , className = '', classGuid = '', driverVer = ''] = cells;
    return files.includes(file)
      ? [{ file, className, classGuid, driverVer, ids: Number(cells[11]) }]
      : [];
  });
}

describe.skipIf(files.length === 0)('INF files of real drivers', () => {
  it.each(files.filter((name) => !NO_DRIVER.test(name)))('%s is read', (name) => {
    const inf = parseInf(readFileSync(join(samples, name)));
    expect(inf.className).not.toBe('');
    // Some name a string that they do not have.
    expect(inf.provider).toMatch(/^%\w+%$|^[^%]+$/);
    const facts = driverFacts(inf, name);
    expect(DriverFacts.parse(facts)).toEqual(facts);
    const isTemplate = name.endsWith('.inx') || /NT\$ARCH\$/i.test(inf.sections.names.join());
    if (!isTemplate) expect(facts.sections.some(({ models }) => models.length > 0)).toBe(true);
    for (const { models } of facts.sections)
      for (const { hardwareId } of models) {
        expect(hardwareId).not.toMatch(/%|"|\s{2}/);
        const device = { name: '', hardwareIds: [hardwareId], compatibleIds: [] };
        if (hardwareId !== '') matchDriver(facts, device, windows11);
      }
  });

  it.each(rows().filter(({ file }) => !NO_DRIVER.test(file)))(
    '$file has the class and version that a search by text finds',
    ({ file, className, classGuid, driverVer, ids }) => {
      const inf = parseInf(readFileSync(join(samples, file)));
      expect(inf.className.toLowerCase()).toBe(className.toLowerCase().replaceAll('"', ''));
      expect(inf.classGuid).toBe(classGuid.toLowerCase());
      const [date = '', version = ''] = driverVer.split(',').map((each) => each.trim());
      const [month, day, year] = date.split('/');
      if (year !== undefined) expect(inf.driverVersion.date).toBe(`${year}-${month}-${day}`);
      const numbers = version.split('.').map(Number).join('.');
      if (/^[\d.]+$/.test(version)) expect(inf.driverVersion.version).toContain(numbers);
      const named = new Set(
        inf.choices.flatMap(({ models }) =>
          models.flatMap(({ hardwareId, compatibleIds }) => [hardwareId, ...compatibleIds]),
        ),
      );
      if (ids > 20 && named.size > 0) expect(named.size).toBeGreaterThanOrEqual(ids / 4);
    },
  );

  it('all of them together: encodings, processors, boot drivers, extensions, inclusions', () => {
    const read = files
      .filter((name) => !NO_DRIVER.test(name))
      .map((name) => {
        const bytes = readFileSync(join(samples, name));
        const inf = parseInf(bytes);
        return { bytes, inf, facts: driverFacts(inf, name) };
      });
    const count = (wanted: (one: (typeof read)[number]) => boolean): number =>
      read.filter(wanted).length;
    const installs = (one: (typeof read)[number]) => one.facts.installs;
    const summary = {
      files: read.length,
      utf16: count(({ bytes }) => bytes[0] === 0xff || bytes[1] === 0),
      utf8WithMark: count(({ bytes }) => bytes[0] === 0xef),
      forX64: count(({ facts }) => facts.sections.some((each) => each.architecture === 'x64')),
      decoratedByBuild: count(({ facts }) => facts.sections.some(({ build }) => build !== null)),
      dated: count(({ facts }) => facts.date !== null),
      signed: count(({ facts }) => facts.hasCatalog),
      extensions: count(({ facts }) => facts.extensionId !== null),
      withNeeds: count((one) => installs(one).some(({ needs }) => needs.length > 0)),
      bootServices: count((one) =>
        installs(one).some(({ services }) => services.some(({ startType }) => startType === 0)),
      ),
      compatibleIds: count(({ facts }) =>
        facts.sections.some(({ models }) => models.some((each) => each.compatibleIds.length > 0)),
      ),
      ids: read.reduce(
        (sum, { facts }) => sum + facts.sections.reduce((all, each) => all + each.models.length, 0),
        0,
      ),
    };
    console.log(summary);
    for (const [name, value] of Object.entries(summary))
      if (name !== 'utf8WithMark') expect([name, value > 0]).toEqual([name, true]);
    expect(summary.files).toBe(files.length - files.filter((name) => NO_DRIVER.test(name)).length);
    expect(summary.forX64).toBeGreaterThan(summary.files / 2);
  });

  it.each(files.filter((name) => /Autorun/.test(name)))('%s is no driver', (name) => {
    expect(() => parseInf(readFileSync(join(samples, name)))).toThrow(
      expect.objectContaining({ code: 'inf.version' }),
    );
  });
});
