/** Small answer files for tests. */

/** Settings of one component in one pass, as text. */
export function settingsText(
  pass: string,
  name: string,
  elements: string,
  architecture = 'amd64',
): string {
  return `<settings pass="${pass}"><component name="${name}" processorArchitecture="${architecture}" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS" xmlns:wcm="http://schemas.microsoft.com/WMIConfig/2002/State">${elements}</component></settings>`;
}

/** A whole file around settings. */
export function fileText(...settings: readonly string[]): string {
  return `<?xml version="1.0" encoding="utf-8"?><unattend xmlns="urn:schemas-microsoft-com:unattend">${settings.join('')}</unattend>`;
}
