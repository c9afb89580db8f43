/** Windows' names of time zones without their "Standard Time", which nearly all end in. */
const standard = `
  AUS Central|AUS Eastern|Afghanistan|Alaskan|Aleutian|Altai|Arab|Arabian|Arabic|Argentina|Astrakhan|
  Atlantic|Aus Central W.|Azerbaijan|Azores|Bahia|Bangladesh|Belarus|Bougainville|Canada Central|
  Cape Verde|Caucasus|Cen. Australia|Central America|Central Asia|Central Brazilian|Central Europe|
  Central European|Central Pacific|Central|Central (Mexico)|Chatham Islands|China|Cuba|Dateline|
  E. Africa|E. Australia|E. Europe|E. South America|Easter Island|Eastern|Eastern (Mexico)|Egypt|
  Ekaterinburg|FLE|Fiji|GMT|GTB|Georgian|Greenland|Greenwich|Haiti|Hawaiian|India|Iran|Israel|Jordan|
  Kaliningrad|Kamchatka|Korea|Libya|Line Islands|Lord Howe|Magadan|Magallanes|Marquesas|Mauritius|
  Mid-Atlantic|Middle East|Montevideo|Morocco|Mountain|Mountain (Mexico)|Myanmar|N. Central Asia|
  Namibia|Nepal|New Zealand|Newfoundland|Norfolk|North Asia East|North Asia|North Korea|Omsk|
  Pacific SA|Pacific|Pacific (Mexico)|Pakistan|Paraguay|Qyzylorda|Romance|Russia Time Zone 10|
  Russia Time Zone 11|Russia Time Zone 3|Russian|SA Eastern|SA Pacific|SA Western|SE Asia|Saint Pierre|
  Sakhalin|Samoa|Sao Tome|Saratov|Singapore|South Africa|South Sudan|Sri Lanka|Sudan|Syria|Taipei|
  Tasmania|Tocantins|Tokyo|Tomsk|Tonga|Transbaikal|Turkey|Turks And Caicos|US Eastern|US Mountain|
  UTC|UTC+12|UTC+13|UTC-02|UTC-08|UTC-09|UTC-11|Ulaanbaatar|Venezuela|Vladivostok|Volgograd|
  W. Australia|W. Central Africa|W. Europe|W. Mongolia|West Asia|West Bank|West Pacific|Yakutsk|Yukon`;

/** These are whole names. */
const whole = /^(utc.*|russia time zone \d+)$/;

const names: ReadonlySet<string> = new Set(
  standard.split('|').map((part) => {
    const name = part.trim().toLowerCase();
    if (whole.test(name)) return name;
    const [place, country = ''] = name.split(/ (?=\()/);
    return `${place} standard time${country && ` ${country}`}`;
  }),
);

/**
 * Whether Windows has a time zone of that name: the name of its key in the registry, the same in every
 * language. `_dstoff` is one without daylight saving time.
 */
export function isTimeZone(name: string): boolean {
  return names.has(
    name
      .trim()
      .toLowerCase()
      .replace(/_dstoff$/, ''),
  );
}
