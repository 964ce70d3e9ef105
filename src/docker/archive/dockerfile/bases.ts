import { imageFact } from '../../facts/image.ts';
import type { ImageFact } from '../../facts/types.ts';
import { type BuildArguments, MetaArguments } from './arguments.ts';
import { hasFlag, type Instruction, instructionOf, partsOf } from './instruction.ts';
import type { Line } from './lines.ts';
import { Unclear, unclear } from './unclear.ts';

/** An image without layers; the only base that is none. */
const SCRATCH = 'scratch';

/** A FROM that starts from an image, and no other stage. */
export interface From {
  /** Its lines, from 1. */
  readonly first: number;
  readonly last: number;
  /** Without their dashes, as they are written. */
  readonly flags: readonly string[];
  /** The image, variables replaced. */
  readonly image: string;
  /** The platform that it names, variables replaced; undefined where it names none, null where it can not be told. */
  readonly platform: string | undefined | null;
  /** What it calls its stage, as it is written. */
  readonly stage: string | undefined;
}

/** What a Dockerfile takes files from. */
export interface Bases {
  readonly images: readonly ImageFact[];
  readonly froms: readonly From[];
}

/**
 * Finds the images that the classic builder takes a Dockerfile's stages from: each `FROM`, and each `--from` that
 * names no stage before it. Stages that a `target` leaves out are counted too.
 *
 * @param file the Dockerfile's name, for the facts' fields
 * @throws Unclear
 */
export function basesOf(lines: readonly Line[], given: BuildArguments, file: string): Bases {
  const images: ImageFact[] = [];
  const froms: From[] = [];
  const stages = new Set<string>();
  const meta = new MetaArguments(given);
  /** The name of the stage that is open: it can be referred to once the next one begins. */
  let current: string | undefined;
  let begun = false;

  const add = (line: number, reference: string): void => {
    images.push(imageFact(`${file}:${line}`, reference));
  };

  const from = (instruction: Instruction, last: number): void => {
    if (current !== undefined) stages.add(current);
    begun = true;
    const { line } = instruction;
    const { flags, words } = partsOf(instruction);
    const [word = '', as = 'as', stage = 'unnamed'] = words;
    if (words.length === 0 || words.length === 2 || words.length > 3 || !/^as$/i.test(as)) {
      unclear(line, 'is no FROM that names one image and at most one stage');
    }
    if (!/^[A-Za-z][\w.-]*$/.test(stage)) unclear(line, 'names a stage with characters that no stage has');
    current = words.length === 3 ? stage.toLowerCase() : undefined;
    const image = meta.expand(word, line);
    if (image === '') unclear(line, 'names no image');
    if (stages.has(image.toLowerCase()) || image === SCRATCH) return;
    add(line, image);
    const platform = platformOf(flags, (text) => meta.expand(text, line));
    froms.push({ first: line, last, flags, image, platform, stage: words.length === 3 ? stage : undefined });
  };

  const copyFrom = (instruction: Instruction, inTrigger: boolean): void => {
    const { line } = instruction;
    const named = partsOf(instruction).flags.filter((flag) => /^from(?:=|$)/i.test(flag));
    const [flag] = named;
    if (flag === undefined) return;
    const source = /^from=([^$]*)$/.exec(flag)?.[1];
    if (named.length > 1 || source === undefined)
      unclear(line, 'has a --from that builders read differently');
    else {
      const isIndex = /^[+-]?[0-9]{1,9}$/.test(source);
      // A trigger runs in another build, where a stage of that name may not be.
      const isStage = !inTrigger && stages.has(source.toLowerCase());
      if (source !== '' && !isIndex && !isStage) add(line, source);
    }
  };

  const read = (instruction: Instruction, last: number, inTrigger: boolean): void => {
    const { command, rest, line } = instruction;
    if (command === 'from' && !inTrigger) from(instruction, last);
    else if (command === 'arg' && !begun) meta.declare(rest);
    else if (command === 'copy' || command === 'add') copyFrom(instruction, inTrigger);
    else if (command === 'run' && hasFlag(instruction)) {
      unclear(line, 'has a RUN with a flag, which only BuildKit reads');
    } else if (command === 'onbuild' && !inTrigger) {
      const trigger = instructionOf({ number: line, text: rest });
      if (trigger !== null) read(trigger, last, true);
    }
  };

  for (const line of lines) {
    const instruction = instructionOf(line);
    if (instruction !== null) read(instruction, line.last, false);
  }
  if (!begun) unclear(1, 'and those after it have no FROM');
  return { images, froms };
}

/** The platform that the flags of a FROM name; null where it can not be told. */
function platformOf(flags: readonly string[], expanded: (text: string) => string): string | undefined | null {
  const [flag, ...more] = flags;
  if (flag === undefined) return undefined;
  const named = /^platform=(.+)$/.exec(flag)?.[1];
  if (named === undefined || more.length > 0) return null;
  try {
    // An empty one is none to any builder.
    return expanded(named) || null;
  } catch (error) {
    if (error instanceof Unclear) return null;
    throw error;
  }
}
