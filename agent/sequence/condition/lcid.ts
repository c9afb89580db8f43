/**
 * Locale identifiers of Windows by language tag, as [MS-LCID] lists them: those that Windows has been
 * offered in, in full or as a language pack, and the regions of the larger languages. Hexadecimal.
 */
const table = `
af-ZA 0436 am-ET 045e ar-AE 3801 ar-BH 3c01 ar-DZ 1401 ar-EG 0c01 ar-IQ 0801 ar-JO 2c01 ar-KW 3401
ar-LB 3001 ar-LY 1001 ar-MA 1801 ar-OM 2001 ar-QA 4001 ar-SA 0401 ar-SY 2801 ar-TN 1c01 ar-YE 2401
as-IN 044d az-Latn-AZ 042c az-Cyrl-AZ 082c be-BY 0423 bg-BG 0402 bn-BD 0845 bn-IN 0445 bs-Cyrl-BA 201a
bs-Latn-BA 141a ca-ES 0403 cs-CZ 0405 cy-GB 0452 da-DK 0406 de-AT 0c07 de-CH 0807 de-DE 0407 de-LI 1407
de-LU 1007 el-GR 0408 en-AU 0c09 en-BZ 2809 en-CA 1009 en-GB 0809 en-IE 1809 en-IN 4009 en-JM 2009
en-MY 4409 en-NZ 1409 en-PH 3409 en-SG 4809 en-TT 2c09 en-US 0409 en-ZA 1c09 en-ZW 3009 es-AR 2c0a
es-BO 400a es-CL 340a es-CO 240a es-CR 140a es-DO 1c0a es-EC 300a es-ES 0c0a es-GT 100a es-HN 480a
es-MX 080a es-NI 4c0a es-PA 180a es-PE 280a es-PR 500a es-PY 3c0a es-SV 440a es-US 540a es-UY 380a
es-VE 200a et-EE 0425 eu-ES 042d fa-IR 0429 fi-FI 040b fil-PH 0464 fo-FO 0438 fr-BE 080c fr-CA 0c0c
fr-CH 100c fr-FR 040c fr-LU 140c fr-MC 180c fy-NL 0462 ga-IE 083c gl-ES 0456 gu-IN 0447 he-IL 040d
hi-IN 0439 hr-BA 101a hr-HR 041a hu-HU 040e hy-AM 042b id-ID 0421 is-IS 040f it-CH 0810 it-IT 0410
ja-JP 0411 ka-GE 0437 kk-KZ 043f km-KH 0453 kn-IN 044b ko-KR 0412 kok-IN 0457 ky-KG 0440 lb-LU 046e
lo-LA 0454 lt-LT 0427 lv-LV 0426 mi-NZ 0481 mk-MK 042f ml-IN 044c mn-MN 0450 mr-IN 044e ms-BN 083e
ms-MY 043e mt-MT 043a nb-NO 0414 ne-NP 0461 nl-BE 0813 nl-NL 0413 nn-NO 0814 or-IN 0448 pa-IN 0446
pl-PL 0415 ps-AF 0463 pt-BR 0416 pt-PT 0816 rm-CH 0417 ro-MD 0818 ro-RO 0418 ru-RU 0419 rw-RW 0487
sa-IN 044f se-FI 0c3b se-NO 043b se-SE 083b si-LK 045b sk-SK 041b sl-SI 0424 sq-AL 041c sr-Cyrl-BA 1c1a
sr-Cyrl-RS 281a sr-Latn-BA 181a sr-Latn-RS 241a sv-FI 081d sv-SE 041d
sw-KE 0441 ta-IN 0449 te-IN 044a tg-Cyrl-TJ 0428 th-TH 041e tk-TM 0442 tn-ZA 0432 tr-TR 041f tt-RU 0444
ug-CN 0480 uk-UA 0422 ur-PK 0420 uz-Cyrl-UZ 0843 uz-Latn-UZ 0443 vi-VN 042a wo-SN 0488 xh-ZA 0434
yo-NG 046a zh-CN 0804 zh-HK 0c04 zh-MO 1404 zh-SG 1004 zh-TW 0404 zu-ZA 0435`;

const pairs = [...table.matchAll(/(\S+) ([0-9a-f]{4})/g)].map(
  ([, tag = '', lcid = '']) => [tag, Number.parseInt(lcid, 16)] as const,
);
const byTag = new Map(pairs.map(([tag, lcid]) => [tag.toLowerCase(), lcid]));
const byLcid = new Map(pairs.map(([tag, lcid]) => [lcid, tag]));

/** The tags that have a number here. */
export const languageTags: readonly string[] = pairs.map(([tag]) => tag);

/** The LCID of a language tag, without case; undefined for one that is not in the table. */
export function lcidOf(tag: string): number | undefined {
  return byTag.get(tag.toLowerCase());
}

/** The language tag of an LCID, `en-US`; undefined for one that is not in the table. */
export function languageTagOf(lcid: number): string | undefined {
  return byLcid.get(lcid);
}

/** `1033 (en-US)`. */
export function describeLcid(lcid: number): string {
  const tag = byLcid.get(lcid);
  return tag === undefined ? String(lcid) : `${lcid} (${tag})`;
}
