import { describe, expect, it } from 'vitest';
import { formatUnattend } from './format-unattend.ts';
import { layeredDriverUnattend } from './layered-driver.ts';
import { isTimeZone } from './time-zones.ts';
import { type WindowsValues, windowsUnattend } from './windows-settings.ts';

function textOf(values: WindowsValues): string {
  return formatUnattend(windowsUnattend(values, 'arm64'));
}

/** The elements that stand in each pass, as `Name=text`. */
function valuesIn(values: WindowsValues): Record<string, readonly string[]> {
  const { settings } = windowsUnattend(values, 'arm64');
  return Object.fromEntries(
    settings.map(({ pass, components }) => [
      pass,
      components.flatMap(({ elements }) => elements.map(({ name, text }) => `${name}=${text}`)),
    ]),
  );
}

describe('M53 windowsUnattend', () => {
  it('says nothing of what is not set', () => {
    expect(
      valuesIn({ settings: { registeredUser: ' ', productKey: '', inputLocale: '' } }),
    ).toEqual({});
  });

  it('puts each setting where Windows reads it', () => {
    const settings = {
      computerName: 'PC-2',
      registeredUser: 'Owner',
      registeredOrganization: 'Org',
      productKey: 'aaaaa-bbbbb-ccccc-ddddd-eeee1',
      timeZone: 'UTC',
      inputLocale: '0407:00000407; 0409:00000409',
      systemLocale: 'de-DE',
      uiLanguage: 'de-DE',
      uiLanguageFallback: 'en-US',
      userLocale: 'es-ES_tradnl',
    };
    const both = ['RegisteredOrganization=Org', 'RegisteredOwner=Owner', 'TimeZone=UTC'];
    const languages = [
      'InputLocale=0407:00000407;0409:00000409',
      'SystemLocale=de-DE',
      'UILanguage=de-DE',
      'UILanguageFallback=en-US',
      'UserLocale=es-ES_tradnl',
    ];
    expect(valuesIn({ settings, computerName: 'OTHER' })).toEqual({
      specialize: [
        'ComputerName=PC-2',
        'ProductKey=AAAAA-BBBBB-CCCCC-DDDDD-EEEE1',
        ...both,
        ...languages,
      ],
      oobeSystem: [...both, ...languages],
    });
  });

  it('takes the random password where the administrator is to be disabled', () => {
    const hidden = Buffer.from('r4ndomAdministratorPassword', 'utf16le').toString('base64');
    const settings = { randomAdminPassword: true, adminPassword: 'other' };
    expect(textOf({ settings, randomPassword: 'r4ndom' })).toContain(`<Value>${hidden}</Value>`);
    expect(textOf({ settings })).not.toContain('AdministratorPassword');
  });

  it.each(['123456', 'SIXTEEN-LETTERS1', 'a b', 'a.b', 'a/b', 'ü'.repeat(16), '%Name%', '*'])(
    'refuses the computer name %j',
    (computerName) => {
      expect(() => textOf({ settings: {}, computerName })).toThrow(
        expect.objectContaining({
          code: 'unattend.computer-name',
          message: expect.stringContaining(computerName),
        }),
      );
    },
  );
  it.each(['1A', 'FIFTEEN-LETTERS', 'PC_Ä'])('takes the computer name %j', (computerName) => {
    expect(textOf({ settings: {}, computerName })).toContain(`>${computerName}<`);
  });

  it('refuses a product key without telling it', () => {
    const error = caught(() => textOf({ settings: { productKey: 'hunter2' } }));
    expect(error).toMatchObject({ code: 'unattend.product-key' });
    expect(String(error)).not.toContain('hunter2');
  });

  it.each([{ uiLanguage: 'German' }, { inputLocale: '<a>' }, { userLocale: 'de DE x!' }])(
    'refuses the locale %j',
    (settings) => {
      const refusal = expect.objectContaining({ code: 'unattend.locale' });
      expect(() => textOf({ settings })).toThrow(refusal);
    },
  );
});

it('M53 the layered driver stands where Windows knows it', () => {
  expect(formatUnattend(layeredDriverUnattend(6, 'amd64'))).toMatch(
    /pass="windowsPE">\s*<component name="Microsoft-Windows-International-Core-WinPE"[^>]*>\s*<LayeredDriver>6</,
  );
  expect(layeredDriverUnattend(0, 'amd64').settings).toEqual([]);
});

it.each([
  ['W. Europe Standard Time', true],
  ['utc', true],
  ['UTC-11', true],
  ['Russia Time Zone 3', true],
  ['Central Standard Time (Mexico)', true],
  ['Eastern Standard Time_dstoff', true],
  ['W. Europe Daylight Time', false],
  ['Europe/Berlin', false],
  ['UTC Standard Time', false],
])('M53 knows whether %s is a time zone of Windows: %s', (name, is) => {
  expect(isTimeZone(name)).toBe(is);
});

function caught(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
