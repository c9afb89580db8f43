/** A small sequence of MDT, as its editor writes it. */
export const mdtSequence = `<?xml version="1.0"?>
<sequence version="3.00" name="Small client" description="For tests">
  <globalVarList>
    <variable name="OSGUID" property="OSGUID">{11111111-1111-4111-8111-111111111111}</variable>
  </globalVarList>
  <group expand="true" name="Begin" description="" disable="false" continueOnError="false">
    <action />
    <step name="Gather" disable="false" continueOnError="false" successCodeList="0 3010" description="" startIn="">
      <action>cscript.exe "%SCRIPTROOT%\\ZTIGather.wsf"</action>
      <defaultVarList />
    </step>
    <condition>
      <expression type="SMS_TaskSequence_VariableConditionExpression">
        <variable name="Variable">PHASE</variable>
        <variable name="Operator">equals</variable>
        <variable name="Value">VALIDATION</variable>
      </expression>
    </condition>
  </group>
</sequence>
`;

/** A small sequence of Configuration Manager; no line of it is indented. */
export const bareSequence =
  '<sequence version="3.10"><referenceList><reference package="ABC00002"/></referenceList><step type="SMS_TaskSequence_RebootAction" name="Restart" description="" runIn="WinPEandFullOS" successCodeList="0" retryCount="0" runFromNet="false"><action>smsboot.exe /target:HD</action><defaultVarList><variable name="SMSRebootMessage" property="Message">A &amp; B</variable></defaultVarList></step></sequence>';

/** An `object.xml`: qualifiers have values of their own, the sequence is the text that is given. */
export function objectXml(sequence: string, id = 'ABC00001', name = 'Install'): string {
  const property = (key: string, value: string): string =>
    `<PROPERTY NAME="${key}" CLASSORIGIN="SMS_TaskSequencePackage" TYPE="string">\r\n<QUALIFIER NAME="CIMTYPE" TYPE="string"><VALUE>string</VALUE></QUALIFIER>\r\n<VALUE>${value}</VALUE></PROPERTY>\r\n`;
  return `<INSTANCE CLASSNAME="SMS_TaskSequencePackage">\r\n<QUALIFIER NAME="dynamic" TYPE="boolean"><VALUE>TRUE</VALUE></QUALIFIER>\r\n${property('__PATH', 'x')}${property('BootImageID', 'ABC00005')}${property('Category', '')}${property('Description', 'What it does')}${property('Duration', '0')}${property('Name', name)}${property('PackageID', id)}${property('Sequence', sequence)}<PROPERTY.ARRAY NAME="SupportedOperatingSystems"><VALUE.ARRAY><VALUE>x64</VALUE></VALUE.ARRAY></PROPERTY.ARRAY><PROPERTY.OBJECTARRAY NAME="References"><VALUE.OBJECTARRAY><VALUE.OBJECT><INSTANCE CLASSNAME="SMS_TaskSequence_Reference"><PROPERTY NAME="Package"><VALUE>ABC00005</VALUE></PROPERTY></INSTANCE></VALUE.OBJECT></VALUE.OBJECTARRAY></PROPERTY.OBJECTARRAY></INSTANCE>`;
}

/** A text in CDATA sections. */
export function cdata(text: string): string {
  return `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}

/** A text with its markup escaped. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
