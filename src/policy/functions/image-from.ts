import { lacksImages } from '../conditions/read.ts';
import { type ConditionFunction, defineFunction, either, type Offence, texts } from './function.ts';
import { imagePatternFault, imagesOutside } from './image-patterns.ts';

export const imageFrom: ConditionFunction = defineFunction(
  {
    name: 'imageFrom',
    reason: 'image-not-permitted',
    means:
      'Every image that the request uses matches one of the patterns, with or without its tag or digest; those of an image mount, of `FROM`, of an archive too. An id matches nothing.',
    example: "imageFrom('registry.example.com/team/**', 'docker.io/library/alpine')",
    takes: { rest: 'text' },
    looksAt: 'Image',
  },
  (args) => {
    const patterns = texts(args);
    const fault = patterns.map(imagePatternFault).find((one) => one !== undefined);
    if (fault !== undefined) return fault;
    return {
      remedy: `use an image from ${either(patterns)}`,
      needs: ['baseImages', 'loadedImages'],
      offences: (facts, operation) => [
        ...imagesOutside(facts.images, patterns),
        ...(lacksImages(operation, facts) ? [hidden(operation)] : []),
      ],
    };
  },
);

function hidden(operation: string): Offence {
  const field = operation === 'ImageLoad' ? 'body' : 'Dockerfile';
  return { field, asks: 'does not tell which images it uses', untold: true };
}
