import { describe, expect, it } from 'vitest';
import { packFacts } from './pack-facts.ts';

const dellPackage = (path: string, model: string, id: string) => `
  <DriverPackage format="CAB" dellVersion="A05" path="FOLDER1/1/${path}">
    <SupportedOperatingSystems>
      <OperatingSystem osCode="Windows11" osArch="x64" majorVersion="10"/>
    </SupportedOperatingSystems>
    <SupportedSystems><Brand key="3" prefix="LAT"><Display lang="en">Latitude</Display>
      <Model systemID="${id}" name="${model}"><Display lang="en">5440</Display></Model>
      <Model systemID="0CBB" name="${model}"/>
    </Brand></SupportedSystems>
  </DriverPackage>`;

describe('what a driver pack says of its machines', () => {
  it('Dell: by the manifest in it, or its entry of the catalogue', () => {
    const known = {
      vendor: 'dell',
      version: 'A05',
      models: ['Latitude 5440'],
      systemSkus: ['0C45', '0CBB'],
      windows: ['windows-11'],
      architectures: ['x64'],
    };
    const one = `<DriverPackManifest>${dellPackage('x.CAB', 'Latitude 5440', '0c45')}</DriverPackManifest>`;
    expect(packFacts('anything.cab', [{ name: 'Manifest.xml', text: one }])).toMatchObject(known);
    const two = one.replace(
      '</DriverPackManifest>',
      `${dellPackage('5450-win11-A01.CAB', 'Latitude 5450', '0D01')}</DriverPackManifest>`,
    );
    const catalogue = [{ name: 'DriverPackCatalog.xml', text: `\ufeff${two}` }];
    expect(packFacts('5450-win11-a01.cab', catalogue)).toMatchObject({ models: ['Latitude 5450'] });
    expect(packFacts('other.cab', catalogue)).toBeUndefined();
  });

  it('Dell: by package.xml of an update package', () => {
    const text = `<SoftwareComponent vendorVersion="1.0"><SupportedSystems><Brand>
      <Model systemID="0A2F"><Display lang="en">OptiPlex 7010</Display></Model></Brand></SupportedSystems></SoftwareComponent>`;
    expect(packFacts('x.exe', [{ name: 'package.xml', text }])).toMatchObject({
      models: ['OptiPlex 7010'],
      systemSkus: ['0A2F'],
      windows: [],
    });
  });

  it('HP: by its .cva file', () => {
    const text = [
      '[CVA File Information]',
      'CVATimeStamp=20240301T120000',
      '[General]',
      'Version=4.00 A 1',
      '[System Information]',
      'SysId01=0x8AB8',
      'SysName01=HP EliteBook 840 14 inch G9 Notebook PC,HP EliteBook 840 G9',
      'SysId02=0x8ab9',
      '[Operating Systems]',
      'W1164_22H2=OEM',
    ].join('\r\n');
    expect(packFacts('sp145678.exe', [{ name: 'sp145678.cva', text }])).toMatchObject({
      vendor: 'hp',
      version: '4.00 A 1',
      models: ['EliteBook 840 14 inch G9 Notebook PC', 'EliteBook 840 G9'],
      baseBoards: ['8AB8', '8AB9'],
      windows: ['windows-11'],
      architectures: ['x64'],
    });
    expect(packFacts('sp1.exe', [{ name: 'sp1.cva', text: 'no ini' }])).toBeUndefined();
  });

  it.each([
    ['tp_t14_gen4_mt21hd_21he_w11_22_202307.exe', ['21HD', '21HE'], ['windows-11'], '202307'],
    ['tc_m70q-gen3_mt11t3-11t4_win10_202211.exe', ['11T3', '11T4'], ['windows-10'], '202211'],
  ])('Lenovo: by its name, %s', (name, lenovoTypes, windows, version) => {
    expect(packFacts(name, [])).toMatchObject({ vendor: 'lenovo', lenovoTypes, windows, version });
  });

  it('Lenovo: by the catalogue', () => {
    const text = `<ModelList><Model name="ThinkPad T14 Gen 4"><Types><Type>21HD</Type><Type>21he</Type></Types>
      <SCCM os="win11" version="22H2" date="202307">https://example.test/pccbbs/x/pack.exe</SCCM></Model></ModelList>`;
    expect(packFacts('PACK.exe', [{ name: 'catalogv2.xml', text }])).toMatchObject({
      models: ['ThinkPad T14 Gen 4'],
      lenovoTypes: ['21HD', '21HE'],
      version: '22H2',
    });
  });

  it('nothing, where nobody says it, whatever the bytes are', () => {
    expect(packFacts('drivers.zip', [])).toBeUndefined();
    expect(packFacts('x_mt_win10.exe', [{ name: 'a.xml', text: '<a' }])).toBeUndefined();
    expect(packFacts('x.cab', [{ name: 'a.xml', text: '<Manifest/>' }])).toBeUndefined();
  });
});
