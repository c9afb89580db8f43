import { describe, expect, it } from 'vitest';
import { importMdt } from '../testing/import-texts.ts';

const install =
  '<step type="BDD_InstallOS" name="Install"><action>cscript.exe "%SCRIPTROOT%\\LTIApply.wsf"</action><defaultVarList><variable name="OSGUID" property="OSGUID">{1}</variable><variable name="DestinationOSVariable" property="DestinationOSVariable">OSDisk</variable><variable name="DestinationOSInstallType" property="DestinationOSInstallType">ByVariable</variable></defaultVarList></step>';
const partition = (variable: string) =>
  `<group name="New"><step type="SMS_TaskSequence_PartitionDiskAction" name="Format"><action>cscript.exe "%SCRIPTROOT%\\ZTIDiskpart.wsf"</action><defaultVarList><variable name="OSDPartitions0Type" property="Partitions0Type">Primary</variable><variable name="OSDPartitions0VolumeLetterVariable" property="Partitions0VolumeLetterVariable">${variable}</variable><variable name="OSDPartitions" property="Partitions">1</variable></defaultVarList></step></group>`;

async function installed(inner: string) {
  const { document, nodes } = await importMdt(inner);
  const node = nodes.find(({ name }) => name === 'Install');
  return { text: JSON.stringify(document), needs: node?.needs.map(({ message }) => message) ?? [] };
}

describe('M24 the variable that says where MDT installs', () => {
  it.each([
    ['a partition sets it', partition('osdisk') + install],
    ['no disk is partitioned', install],
    [
      'a step sets it',
      partition('') +
        '<step type="SMS_TaskSequence_SetVariableAction" name="Set"><action>cscript.exe "%SCRIPTROOT%\\ZTISetVariable.wsf"</action><defaultVarList><variable name="VariableName" property="VariableName">OSDisk</variable><variable name="VariableValue" property="VariableValue">C:</variable></defaultVarList></step>' +
        install,
    ],
  ])('is the destination where %s', async (_when, inner) => {
    const { text, needs } = await installed(inner);
    expect(text).toContain('"destination":{"variable":"OSDisk"}');
    expect(needs).toHaveLength(1);
  });

  it('is none where nothing sets it', async () => {
    const { text, needs } = await installed(partition('Windows') + install);
    expect(text).toContain('"destination":"next-available"');
    expect(needs).toContain(
      'Nothing gives the variable OSDisk a drive: the image goes to the next partition that has room',
    );
    expect(text + needs.join()).not.toContain('MdtKnown');
  });
});
