import {
  component,
  element,
  type ProcessorArchitecture,
  type Unattend,
  unattendOf,
} from './unattend.ts';

/**
 * The keyboard of a Japanese or Korean Windows, 1 to 6. Windows knows the element in windowsPE alone, that
 * is where Setup installs; in an image that was applied it is set with `dism /Set-LayeredDriver`.
 */
export function layeredDriverUnattend(
  layeredDriver: number,
  architecture: ProcessorArchitecture,
): Unattend {
  const settings = layeredDriver === 0 ? [] : [element('LayeredDriver', String(layeredDriver))];
  return unattendOf({
    windowsPE: [component('Microsoft-Windows-International-Core-WinPE', architecture, settings)],
  });
}
