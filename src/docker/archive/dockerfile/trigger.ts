import { hasFlag, instructionOf, partsOf } from './instruction.ts';
import { Unclear } from './unclear.ts';

/**
 * Whether an instruction that is carried out by later builds on an image (ONBUILD) takes files from another image, or from another
 * stage, or may for some builder: `COPY --from=x`, a RUN with a flag (`--mount=from=x`), and what builders read differently.
 *
 * @param trigger one of `OnBuild` of an image's configuration, or what follows ONBUILD
 */
export function mayTakeFrom(trigger: string): boolean {
  // It is read as a file of its own, with directives and continued lines.
  if (/[\r\n\0]/.test(trigger)) return true;
  try {
    const text = Buffer.from(trigger, 'utf8').toString('latin1');
    const instruction = instructionOf({ number: 1, text });
    if (instruction === null) return false;
    switch (instruction.command) {
      case 'run':
        return hasFlag(instruction);
      case 'copy':
      case 'add':
        return partsOf(instruction).flags.some((flag) => /^from/i.test(flag));
      case 'onbuild':
        // The build that carries it out gives its stage a trigger in turn, which another FROM of that build carries out.
        return true;
      default:
        return false;
    }
  } catch (error) {
    if (error instanceof Unclear) return true;
    throw error;
  }
}
