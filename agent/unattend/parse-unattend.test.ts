import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUnattend } from './format-unattend.ts';
import { parseUnattend } from './parse-unattend.ts';
import { fileText, settingsText } from './testing/inputs.ts';
import { UnattendError } from './unattend-error.ts';

const file = `<?xml version="1.0" encoding="utf-8"?>
<!-- of the site -->
<unattend xmlns="urn:schemas-microsoft-com:unattend" xmlns:own="urn:own">
  <!-- first -->
  <settings pass="specialize" wasPassProcessed="true">
    <component name="Microsoft-Windows-Deployment" processorArchitecture="amd64" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS" xmlns:wcm="http://schemas.microsoft.com/WMIConfig/2002/State">
      <RunSynchronous>
        <!-- what it is for -->
        <RunSynchronousCommand wcm:action="add">
          <Order>1</Order>
          <Path>cmd /c echo "a &amp; b" &gt; c:\\x</Path>
        </RunSynchronousCommand>
        <!-- the end -->
      </RunSynchronous>
      <Empty />
      <Blank>  </Blank>
    </component>
    <other />
  </settings>
  <own:scripts a="&quot;&#10;&lt;">
    <own:file>line 1
  line 2</own:file>
  </own:scripts>
</unattend>
<!-- behind -->
`;

describe('M53 parseUnattend and formatUnattend', () => {
  it('give back what is in the stable form, byte for byte', () => {
    const unattend = parseUnattend(file);
    expect(unattend.settings[0]).toMatchObject({
      pass: 'specialize',
      attributes: { wasPassProcessed: 'true' },
      comments: [' first '],
      components: [{ name: 'Microsoft-Windows-Deployment', processorArchitecture: 'amd64' }],
      others: [{ name: 'other' }],
    });
    expect(formatUnattend(unattend)).toBe(file);
  });

  it.each([
    ['UTF-8 with a byte order mark', new TextEncoder().encode(`\ufeff${file}`)],
    ['UTF-16LE', Buffer.from(`\ufeff${file}`, 'utf16le')],
    ['UTF-16BE', Buffer.from(`\ufeff${file}`, 'utf16le').swap16()],
    ['UTF-8 with line ends of Windows', Buffer.from(file.replaceAll('\n', '\r\n'))],
    ['text with a byte order mark', `\ufeff${file}`],
  ])('read %s', (_, bytes) => {
    expect(formatUnattend(parseUnattend(bytes))).toBe(file);
  });

  it('bring comments and CDATA into a form that every reader takes', () => {
    const text = fileText(
      settingsText('oobeSystem', 'X', '<A>1<!--a--b---></A><B><![CDATA[<&>]]></B>'),
    );
    const formatted = formatUnattend(parseUnattend(text));
    expect(formatted).toContain('<A>1<!--a- -b- --></A>');
    expect(formatted).toContain('<B>&lt;&amp;&gt;</B>');
    expect(formatUnattend(parseUnattend(formatted))).toBe(formatted);
  });

  const component = (text: string): string => fileText(settingsText('specialize', 'X', text));
  it.each([
    ['unattend.form', '<unattend/>', 'line 1, column 1'],
    ['unattend.form', '<a xmlns="urn:schemas-microsoft-com:unattend"/>', 'line 1, column 1'],
    ['unattend.form', fileText('\n <settings pass="Specialise"/>'), 'pass "Specialise", line 2'],
    ['unattend.form', fileText('\n<settings/>'), 'pass "", line 2, column 1'],
    [
      'unattend.form',
      fileText('<settings pass="specialize">\n  <component name="X"/></settings>'),
      'line 2, column 3',
    ],
    ['unattend.form', component('\n<A>hunter2<B/></A>'), 'text beside the elements in A, line 2'],
    ['unattend.form', component('hunter2'), 'text beside the elements in component'],
    ['unattend.form', component('\n <x:A>hunter2</x:A>'), 'prefix x: without declaring it, line 2'],
    ['unattend.form', component('<A y:b="hunter2"/>'), 'prefix y: without'],
    ['unattend.not-xml', component('\n<A>hunter2&word</A>'), 'well-formed XML, line 2'],
    ['unattend.not-xml', component('\n<A>hunter2<word</A>'), 'well-formed XML, line 2'],
    ['unattend.not-xml', component('<A>hunter2'), 'well-formed XML, line 1'],
    ['unattend.not-xml', `<!DOCTYPE a>${fileText()}`, 'document type'],
    ['unattend.not-xml', component('\ud800hunter2'), 'no text'],
    ['unattend.not-xml', '', 'line 1, column 1'],
    ['unattend.too-large', component('<A>'.repeat(200) + '</A>'.repeat(200)), 'too deep'],
    ['unattend.too-large', component('<A/>'.repeat(50_000)), 'more than 40000'],
    ['unattend.too-large', ' '.repeat(5_000_000), '5000000 bytes'],
  ])('refuse with %s: %#, telling the place and nothing of the text', (code, text, said) => {
    const error = errorOf(text);
    expect(error).toMatchObject({ code, message: expect.stringContaining(said) });
    expect(`${error?.message} ${error?.hint}`).not.toContain('hunter2');
  });

  it('refuse any other bytes with a code, in bounded time', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '</',
      '/>',
      '"',
      '&',
      'x',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<A>',
      '</A>',
      'unattend',
      ' xmlns="urn:schemas-microsoft-com:unattend"',
      '<settings pass="specialize">',
      '</settings>',
      '<component name="a"',
      'processorArchitecture="amd64">',
      '</component>',
    );
    const texts = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''));
    const whole = texts.map((text) => fileText(settingsText('specialize', 'X', text)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), texts, whole), (bytes) => {
        const error = errorOf(bytes);
        if (error !== undefined) expect(error.code).toMatch(/^unattend\./);
      }),
      { numRuns: 500 },
    );
  });
});

function errorOf(bytes: Uint8Array | string): UnattendError | undefined {
  try {
    const formatted = formatUnattend(parseUnattend(bytes));
    expect(formatUnattend(parseUnattend(formatted))).toBe(formatted);
    return undefined;
  } catch (error) {
    if (error instanceof UnattendError) return error;
    throw error;
  }
}
