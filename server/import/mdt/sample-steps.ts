import type { SourceStep } from '../source-sequence.ts';
import { mdtClasses, mdtScripts } from './index.ts';

/**
 * A step of each class and script of MDT, as its editor makes it, with nothing filled in; `name` is that of
 * the class or the script's file, `BDD_Gather`, `ZTIGather.wsf`.
 */
export function mdtSampleSteps(): readonly { readonly name: string; readonly step: SourceStep }[] {
  const classes = mdtClasses.map((name) => {
    const type = `BDD_${capitalised(name)}`;
    return { name: type, step: sampleStep(type, '') };
  });
  const scripts = mdtScripts.map((name) => {
    const [, prefix = '', own = name] = /^(zti|lti|psd)?(.*)$/.exec(name) ?? [];
    const ending = prefix === 'psd' ? 'ps1' : 'wsf';
    const file = `${prefix.toUpperCase()}${capitalised(own)}.${ending}`;
    return { name: file, step: sampleStep(undefined, `cscript.exe "%SCRIPTROOT%\\${file}"`) };
  });
  return [...classes, ...scripts];
}

/** A step with a class and a command line, and nothing else. */
export function sampleStep(type: string | undefined, action: string): SourceStep {
  return {
    kind: 'step',
    type,
    action,
    name: 'Sample',
    description: '',
    disabled: false,
    continueOnError: false,
    condition: [],
    attributes: {},
    comments: [],
    unknown: [],
    variables: [],
  };
}

function capitalised(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
