import { describe, expect, it } from 'vitest';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { steps as registry } from '#agent/steps/index.ts';
import type { ImportedSequence } from './imported-sequence.ts';
import { importConfigMgr, importMdt, importTexts } from './testing/import-texts.ts';

const reboot = (attributes: string, inner = '') =>
  `<step type="SMS_TaskSequence_RebootAction" name="Restart" description="" ${attributes}>${inner}<action>smsboot.exe /target:HD</action><defaultVarList><variable name="SMSRebootTarget" property="Target">HD</variable></defaultVarList></step>`;
const run = (line: string, attributes = 'name="Run"') =>
  `<step type="SMS_TaskSequence_RunCommandLineAction" ${attributes}><action>smsswd.exe /run: ${line}</action><defaultVarList><variable name="CommandLine" property="CommandLine">${line}</variable></defaultVarList></step>`;
const isUefi =
  '<condition><expression type="SMS_TaskSequence_VariableConditionExpression"><variable name="Operator">equals</variable><variable name="Value">true</variable><variable name="Variable">_SMSTSBootUEFI</variable></expression></condition>';

const nodesOf = ({ document }: ImportedSequence): unknown => document['steps'];
const needsOf = ({ nodes, needs }: ImportedSequence): string[] =>
  [...needs, ...nodes.flatMap((node) => node.needs)].map(
    ({ kind, message }) => `${kind}: ${message}`,
  );
const parses = ({ document }: ImportedSequence): boolean =>
  parseTaskSequence(document, registry).steps.length > 0;

describe('M24 the maximum run time of an exported task sequence', () => {
  const exported = async (duration: string) => {
    const sequence = `<sequence version="3.10">${run('a.exe')}</sequence>`;
    const text = `<SmsTaskSequencePackage><Name>Lab</Name><Duration>${duration}</Duration><SequenceData>${sequence}</SequenceData></SmsTaskSequencePackage>`;
    const [only] = (await importTexts({ 'Lab.xml': text })).sequences;
    if (only === undefined) throw new Error('nothing was read');
    return only;
  };

  it('is that of the document', async () => {
    const imported = await exported('90');
    expect(imported.document['maxRunMinutes']).toBe(90);
    expect(parseTaskSequence(imported.document, registry).maxRunMinutes).toBe(90);
    expect(needsOf(imported)).toEqual([]);
  });

  it.each(['99999', 'long'])('is told where no document may have it: %s', async (duration) => {
    const imported = await exported(duration);
    expect(imported.document['maxRunMinutes']).toBeUndefined();
    expect(needsOf(imported)).toEqual([
      `setting: Lab: its maximum run time of ${duration} minutes cannot be set here; it is 120`,
    ]);
  });
});

describe('M24 a group or step of the source', () => {
  it('keeps its name, description, order, options and condition', async () => {
    const imported = await importConfigMgr(
      `<group name=" First " description="What it is for" continueOnError="true">${isUefi}${reboot('disable="true"')}${run('a.exe')}</group><group name="Empty"/>`,
    );
    expect(nodesOf(imported)).toEqual([
      {
        group: 'First',
        description: 'What it is for',
        continueOnError: true,
        condition: {
          kind: 'variable',
          variable: '_SMSTSBootUEFI',
          operator: 'equals',
          value: 'true',
        },
        steps: [
          expect.objectContaining({ step: 'Restart', type: 'restart', disabled: true }),
          expect.objectContaining({ step: 'Run', type: 'run-command' }),
        ],
      },
      { group: 'Empty', steps: [] },
    ]);
    expect(imported.nodes).toMatchObject([
      { path: 'steps[0]', kind: 'group', depth: 0, expressions: 1, mappedExpressions: 1 },
      { path: 'steps[0].steps[0]', how: 'typed', became: ['restart'], disabled: true },
      { path: 'steps[0].steps[1]', how: 'typed', became: ['run-command'], disabled: false },
      { path: 'steps[1]', kind: 'group' },
    ]);
  });

  it('keeps its comments, by the place that they stand before', async () => {
    const { comments } = await importConfigMgr(
      `<globalVarList><variable name="A" property="A">1</variable></globalVarList><!-- one --><group name="G"><!-- two -->${run('a.exe')}</group>`,
    );
    expect([...comments]).toEqual([
      ['steps[1]', [' one ']],
      ['steps[1].steps[0]', [' two ']],
    ]);
  });

  it('that runs in one world only gets a condition, where its step runs in both here', async () => {
    const imported = await importConfigMgr(
      run('a.exe', 'name="In PE" runIn="WinPE"') +
        run('b.exe', 'name="In Windows" runIn="FullOS"') +
        run('c.exe', 'name="Anywhere" runIn="WinPEandFullOS"'),
    );
    const inPe = (value: string) => ({
      kind: 'variable',
      variable: '_SMSTSInWinPE',
      operator: 'equals',
      value,
    });
    expect(nodesOf(imported)).toMatchObject([
      { step: 'In PE', condition: inPe('true') },
      { step: 'In Windows', condition: inPe('false') },
      { step: 'Anywhere' },
    ]);
    expect(nodesOf(imported)).not.toHaveProperty('2.condition');
    expect(needsOf(imported)).toEqual([
      'setting: It ran in Windows PE only: a condition on _SMSTSInWinPE says so now',
      'setting: It ran in the installed system only: a condition on _SMSTSInWinPE says so now',
    ]);
  });

  it('of a class that nobody knows runs its command line, or is kept disabled', async () => {
    const imported = await importConfigMgr(
      '<step type="LAB_Tool" name="Tool" timeout="90" successCodeList="0 7"><action>smsswd.exe /run:ABC00012 tool.exe /x</action><defaultVarList><variable name="Depth" property="Depth">2</variable></defaultVarList></step>' +
        '<step type="LAB_Nothing" name="Nothing"><action></action><defaultVarList><variable name="Secret" property="UserPassword">Winter1</variable></defaultVarList></step>',
    );
    expect(nodesOf(imported)).toEqual([
      {
        step: 'Tool',
        type: 'run-command',
        origin: {
          format: 'configmgr',
          type: 'LAB_Tool',
          action: 'smsswd.exe /run:ABC00012 tool.exe /x',
          variables: { Depth: '2' },
        },
        params: {
          commandLine: 'tool.exe /x',
          package: { name: 'ABC00012' },
          successCodes: [0, 7],
          timeoutMinutes: 2,
        },
      },
      {
        step: 'Nothing',
        type: 'run-command',
        disabled: true,
        origin: {
          format: 'configmgr',
          type: 'LAB_Nothing',
          variables: { UserPassword: '********' },
        },
        params: { commandLine: 'cmd.exe /c exit 1' },
      },
    ]);
    expect(imported.nodes).toMatchObject([
      {
        how: 'command-line',
        reason: 'The class LAB_Tool is not known: its command line is run as it stands',
        references: [{ sourceId: 'ABC00012', kind: 'package', isNamed: false }],
      },
      { how: 'unsupported' },
    ]);
  });

  it('whose settings a document refuses is kept disabled, with all that it was', async () => {
    const imported = await importConfigMgr(
      `${run('a.exe')}<step type="SMS_TaskSequence_SetVariableAction" name="Set"><action>tsenv.exe</action><defaultVarList><variable name="VariableName" property="VariableName">_Mine</variable><variable name="VariableValue" property="VariableValue">1</variable></defaultVarList></step>`,
    );
    expect(parses(imported)).toBe(true);
    expect(nodesOf(imported)).toMatchObject([
      { step: 'Run' },
      { step: 'Set', disabled: true, origin: { variables: { VariableName: '_Mine' } } },
    ]);
    expect(imported.nodes[1]).toMatchObject({
      how: 'unsupported',
      reason: expect.stringContaining('_Mine is read-only'),
    });
  });

  it('that goes wrong while it is mapped stops no other', async () => {
    const imported = await importConfigMgr(run('powershell.exe "never closed', 'name="Open"'));
    expect(nodesOf(imported)).toMatchObject([
      { step: 'Open', params: { commandLine: 'powershell.exe "never closed"' } },
    ]);
    expect(needsOf(imported)).toEqual([
      'setting: Its command line has a quotation mark that is never closed: it is closed at its end',
    ]);
  });

  it('tells of what has no meaning here, and keeps it as its origin', async () => {
    const imported = await importConfigMgr(
      `<step type="SMS_TaskSequence_RebootAction" name="Restart" odd="yes"><action>smsboot.exe</action><extra a="1"/><defaultVarList><variable name="Odd" property="Odd">-Password Winter1</variable></defaultVarList></step>`,
    );
    expect(nodesOf(imported)).toMatchObject([
      {
        type: 'restart',
        origin: {
          attributes: { odd: 'yes' },
          variables: { Odd: '-Password ********' },
          unknown: [expect.stringContaining('extra')],
        },
      },
    ]);
    expect(needsOf(imported).join('\n')).toContain(
      'Not taken over: Odd=-Password ********, odd=yes',
    );
    expect(needsOf(imported).join('\n')).toContain('no meaning that is known: <extra');
    expect(JSON.stringify([imported.document, imported.nodes])).not.toContain('Winter1');
  });
});

describe('M24 a sequence of the source', () => {
  it('sets its variables first, the last of two with one name, and no secret one', async () => {
    const imported = await importMdt(
      `<globalVarList>${[
        ['OSGUID', '{1}'],
        ['Empty', ''],
        ['OSGUID', '{2}'],
        ['OSDJoinPassword', 'Winter1'],
        ['_Own', 'x'],
      ]
        .map(([name, value]) => `<variable name="${name}" property="${name}">${value}</variable>`)
        .join('')}</globalVarList><group name="G"/>`,
    );
    expect(nodesOf(imported)).toEqual([
      {
        step: 'Set the variables of the imported task sequence',
        type: 'set-dynamic-variables',
        origin: { format: 'mdt', variables: { OSDJoinPassword: '********', _Own: 'x' } },
        params: { rules: [{ variables: [{ name: 'OSGUID', value: '{2}' }] }] },
      },
      { group: 'G', steps: [] },
    ]);
    expect(needsOf(imported)).toEqual([
      'setting: The variable OSGUID stands twice in the list of variables, with two values; the last one counts',
      'secret: The value of OSDJoinPassword stands in the file in plain text; it was not taken over',
      'setting: A variable of the list cannot be set: _Own is read-only: names with _ belong to the engine',
    ]);
    expect(parses(imported)).toBe(true);
  });

  it('without steps is a document all the same', async () => {
    const imported = await importConfigMgr('');
    expect(parses(imported)).toBe(true);
    expect(nodesOf(imported)).toMatchObject([{ step: 'Nothing yet', disabled: true }]);
    expect(needsOf(imported)).toEqual([
      'setting: The task sequence has no steps; a disabled one stands in the document',
    ]);
  });

  it('is refused where it is more than a document holds', async () => {
    const { sequences, failures } = await importTexts({
      'Large.xml': `<sequence version="3.10">${'<group name="G"/>'.repeat(20_001)}</sequence>`,
      'Small.xml': `<sequence version="3.10">${run('a.exe')}</sequence>`,
    });
    expect(sequences.map(({ name }) => name)).toEqual(['Small']);
    expect(failures).toMatchObject([{ from: 'Large.xml', code: 'import.sequence' }]);
  });

  it('keeps whole characters alone, wherever half ones come from', async () => {
    const script = Buffer.from('\ufeffWrite-Host "\ud83d"', 'utf16le').toString('base64');
    const imported = await importConfigMgr(
      `<step type="SMS_TaskSequence_RunPowerShellScriptAction" name="${'x'.repeat(255)}😀"><action>OSDRunPowerShellScript.exe</action><defaultVarList><variable name="OSDRunPowerShellScriptSourceScript" property="SourceScript">${script}</variable></defaultVarList></step>`,
    );
    expect(JSON.stringify(imported.document)).not.toMatch(/\\ud[89a-f]/);
    expect(parses(imported)).toBe(true);
  });
});

describe('M24 scripts and command lines', () => {
  it('tell what they need of the system that they come from, and no secret', async () => {
    const imported = await importConfigMgr(
      run('tool.exe /password:Winter1', 'name="Secret"') +
        run('cmd /c copy \\\\files\\osd\\a.txt C:\\', 'name="Share"') +
        run('cscript.exe "%SCRIPTROOT%\\Mine.wsf"', 'name="Script"'),
    );
    expect(
      imported.nodes.map(({ needs }) => needs.map(({ kind, message }) => `${kind}: ${message}`)),
    ).toEqual([
      [
        'secret: A password in its command line stands in the file in plain text; it was not taken over',
      ],
      ['script: It uses files of a server: \\\\files\\osd'],
      ['script: It uses files of the MDT deployment share: %SCRIPTROOT%'],
    ]);
    expect(JSON.stringify([imported.nodes, imported.document])).not.toContain('Winter1');
    expect(JSON.stringify(imported.document)).toContain('tool.exe /password:%ImportedSecret1%');
  });

  it('have one secret variable for a password that they have twice, beside other variables', async () => {
    const { document, nodes } = await importConfigMgr(
      run('cctk.exe --valsetuppwd=Pass --setuppwd=Pass /note:%Pass% --syspwd=Other9'),
    );
    expect(JSON.stringify(document)).toContain(
      'cctk.exe --valsetuppwd=%ImportedSecret1% --setuppwd=%ImportedSecret1% /note:%Pass% --syspwd=%ImportedSecret2%',
    );
    expect(nodes[0]?.needs).toHaveLength(2);
  });

  it('are not told of settings that say what is done anyway', async () => {
    const { nodes } = await importConfigMgr(
      '<step type="SMS_TaskSequence_RunCommandLineAction" name="Gather"><action>smsswd.exe /run: cscript.exe ZTINextPhase.wsf</action><defaultVarList><variable name="SMSTSDisableWow64Redirection" property="DisableWow64Redirection">false</variable><variable name="SuccessCodes" property="SuccessCodes">0 3010</variable></defaultVarList></step>' +
        '<step type="BDD_Validate" name="Validate"><action>smsswd.exe /run:ABC00002 cscript.exe ZTIValidate.wsf</action><defaultVarList><variable name="PackageID" property="PackageID">ABC00002</variable></defaultVarList></step>',
    );
    expect(nodes.map(({ how }) => how)).toEqual(['equivalent', 'typed']);
    expect(nodes.flatMap(({ needs }) => needs)).toEqual([]);
  });

  it('tell nothing of what their step does not run, or names for itself', async () => {
    const imported = await importMdt(
      '<step name="Wizard"><action>cscript.exe "%SCRIPTROOT%\\UDIWizard.wsf"</action></step>' +
        '<step name="Phase"><action>cscript.exe "%SCRIPTROOT%\\ZTINextPhase.wsf"</action></step>' +
        '<step type="SMS_TaskSequence_ConnectNetworkFolderAction" name="Folder"><action/><defaultVarList><variable name="SMSConnectNetworkFolderPath" property="Path">\\\\files\\osd</variable><variable name="SMSConnectNetworkFolderDriveLetter" property="DriveLetter">M:</variable></defaultVarList></step>',
    );
    expect(
      imported.nodes.flatMap(({ needs }) => needs.filter(({ kind }) => kind === 'script')),
    ).toEqual([]);
  });
});

describe('M24 several sequences of one import', () => {
  const child = (name: string, id: string) =>
    `<INSTANCE CLASSNAME="SMS_TaskSequencePackage"><PROPERTY NAME="Name" TYPE="string"><VALUE>${name}</VALUE></PROPERTY><PROPERTY NAME="PackageID" TYPE="string"><VALUE>${id}</VALUE></PROPERTY><PROPERTY NAME="BootImageID" TYPE="string"><VALUE>ABC00005</VALUE></PROPERTY><PROPERTY NAME="Sequence" TYPE="string"><VALUE><![CDATA[<sequence version="3.10">${run('a.exe')}</sequence>]]></VALUE></PROPERTY></INSTANCE>`;
  const parent =
    '<sequence version="3.10"><subtasksequence type="SMS_TaskSequence_SubTasksequence" name="Child"><action>SubTasksequence.exe</action><defaultVarList><variable name="OSDSubTasksequencePackageID" property="TsPackageID">ABC00020</variable></defaultVarList></subtasksequence></sequence>';

  it('have names unlike each other, by which they refer to each other', async () => {
    const { sequences } = await importTexts(
      {
        'a.xml': child('Install', 'ABC00019'),
        'b.xml': child('install', 'ABC00020'),
        'c.xml': parent,
      },
      { abc00005: 'Windows PE x64' },
    );
    expect(sequences.map(({ name }) => name)).toEqual(['Install', 'install (2)', 'c']);
    expect(JSON.stringify(sequences[2]?.document)).toContain('"sequence":{"name":"install (2)"}');
    expect(sequences[1]?.document).toMatchObject({ bootImage: { name: 'Windows PE x64' } });
    expect(sequences[2]?.document).not.toHaveProperty('bootImage');
    expect(sequences[1]).toMatchObject({
      needs: [{ message: 'Its name is "install (2)" here: it was "install"' }],
      references: [
        { kind: 'boot-image', sourceId: 'ABC00005', name: 'Windows PE x64', isNamed: true },
      ],
    });
  });
});
