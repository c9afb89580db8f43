import { describe, expect, it } from 'vitest';
import type { SourceNode } from '../source-sequence.ts';
import { readSequenceTree } from './sequence-tree.ts';
import { parseXml } from './xml.ts';

const read = (inner: string, attributes = 'version="3.10"') =>
  readSequenceTree(parseXml(`<sequence ${attributes}>${inner}</sequence>`, 'f'), 'f');
const nodeOf = (inner: string): SourceNode | undefined => read(inner).nodes[0];

describe('M24 readSequenceTree', () => {
  it.each([
    ['version="3.00" name="A"', 'mdt'],
    ['version="3.00"', 'mdt'],
    ['name="A"', 'mdt'],
    ['version="3.10"', 'configmgr'],
    ['version="3.40"', 'configmgr'],
    ['version="3.10" name="A"', 'configmgr'],
  ])('tells by %s that it is of %s', (attributes, format) => {
    expect(read('', attributes).format).toBe(format);
  });

  it('reads a step, whatever the order of what is in it', () => {
    const action = '<action>cmd /c  exit </action>';
    const variables =
      '<defaultVarList><variable name="OSDDiskIndex" property="DiskIndex" hidden="true"> 0\n</variable></defaultVarList>';
    const condition =
      '<condition><expression type="T"><variable name="Variable">X</variable></expression></condition>';
    const step = (parts: readonly string[]) =>
      nodeOf(
        `<step type="SMS_T" name="A" description="B" disable="True" continueOnError="false" runIn="WinPE" startIn="">${parts.join('\n')}</step>`,
      );
    const expected = {
      kind: 'step',
      type: 'SMS_T',
      name: 'A',
      description: 'B',
      disabled: true,
      continueOnError: false,
      attributes: { runIn: 'WinPE', startIn: '' },
      comments: [],
      unknown: [],
      action: 'cmd /c  exit ',
      variables: [{ name: 'OSDDiskIndex', property: 'DiskIndex', value: ' 0\n' }],
      condition: [{ kind: 'expression', type: 'T', fields: { Variable: 'X' } }],
    };
    expect(step([action, variables, condition])).toMatchObject(expected);
    expect(step([condition, variables, action])).toMatchObject(expected);
    expect(step([variables, action, condition])).toMatchObject(expected);
  });

  it('gives what is missing its default', () => {
    expect(nodeOf('<step/>')).toEqual({
      kind: 'step',
      type: undefined,
      name: '',
      description: '',
      disabled: false,
      continueOnError: false,
      attributes: {},
      comments: [],
      unknown: [],
      condition: [],
      action: '',
      variables: [],
    });
    expect(nodeOf('<step name="A"><condition /><action /></step>')).toMatchObject({
      condition: [],
      action: '',
    });
  });

  it('keeps order and nesting, and leaves the empty action of a group', () => {
    const { nodes } = read(
      '<step name="1"/><group name="2" expand="true"><step name="3"/><group name="4"/><action/><condition><operator type="or"/></condition></group><subtasksequence name="5"/>',
    );
    expect(nodes).toMatchObject([
      { name: '1' },
      {
        name: '2',
        kind: 'group',
        attributes: { expand: 'true' },
        unknown: [],
        condition: [{ kind: 'operator', word: 'or', operands: [] }],
        nodes: [
          { name: '3', kind: 'step' },
          { name: '4', kind: 'group', nodes: [] },
        ],
      },
      { name: '5', kind: 'step', type: 'SMS_TaskSequence_SubTasksequence' },
    ]);
  });

  it('keeps comments on the node that comes after them, each once', () => {
    const { nodes } = read(
      '<!--a--><globalVarList/><!--b--><group name="g"><!--c--><condition><!--d--></condition><!--e--><step name="s"><!--f--><action><!--g--></action><!--h--></step><!--i--></group><!--j-->',
    );
    expect(nodes).toMatchObject([
      { comments: ['a', 'b', 'd', 'j'], nodes: [{ comments: ['c', 'e', 'f', 'g', 'h', 'i'] }] },
    ]);
    expect(read('<!--alone-->')).toMatchObject({ nodes: [], unknown: ['<!--alone-->'] });
    expect(nodeOf('<group><!--x--></group>')).toMatchObject({ comments: ['x'] });
  });

  it('keeps what is not known, as it is written', () => {
    expect(
      nodeOf(
        '<step disable="perhaps"><foo a="1">b</foo>text<action>1</action><action>2</action></step>',
      ),
    ).toMatchObject({
      disabled: false,
      attributes: { disable: 'perhaps' },
      unknown: ['<foo a="1">b</foo>', 'text', '<action>2</action>'],
    });
    expect(nodeOf('<group><action>x</action><defaultVarList/></group>')).toMatchObject({
      unknown: ['<defaultVarList/>', '<action>x</action>'],
    });
    expect(read('<autorun x="1"/>').unknown).toEqual(['<autorun x="1"/>']);
  });

  it('reads globals and references in their order, those that are twice there too', () => {
    expect(
      read(
        '<referenceList><reference package="P1" program="x"/><reference application="ScopeId_1/Application_2"/></referenceList><globalVarList><variable name="OSGUID">1</variable><variable name="OSGUID">2</variable></globalVarList>',
      ),
    ).toMatchObject({
      references: ['P1', 'ScopeId_1/Application_2'],
      globals: [
        { name: 'OSGUID', value: '1' },
        { name: 'OSGUID', value: '2' },
      ],
    });
  });

  it('reads the platforms of Configuration Manager with their keys and queries', () => {
    const wmi = '<expression type="W"><variable name="Query">q</variable></expression>';
    const group = `<osConditionGroup type="or"><osExpressionGroup type="and" name="All x64"><platformKey arch="x64" minVer="6.10.0000.0"/>${wmi}</osExpressionGroup></osConditionGroup>`;
    expect(nodeOf(`<step><condition>${group}</condition></step>`)).toMatchObject({
      condition: [
        {
          kind: 'platforms',
          xml: group,
          platforms: [
            {
              name: 'All x64',
              key: { arch: 'x64', minVer: '6.10.0000.0' },
              operands: [{ kind: 'expression', type: 'W', fields: { Query: 'q' }, xml: wmi }],
            },
          ],
        },
      ],
    });
    expect(nodeOf('<step><condition><team/></condition></step>')).toMatchObject({
      condition: [{ kind: 'unknown', xml: '<team/>' }],
    });
  });

  it('refuses groups in 33 levels, and says where', () => {
    const nested = (levels: number): string =>
      '<group name="g">\n'.repeat(levels) + '</group>'.repeat(levels);
    expect(read(nested(32)).nodes).toHaveLength(1);
    expect(() => read(nested(33))).toThrow(
      expect.objectContaining({
        code: 'import.too-deep',
        message: 'f: groups nest deeper than 32, in "g", line 33, column 1',
      }),
    );
  });
});
