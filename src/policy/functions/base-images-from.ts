import { type ConditionFunction, defineFunction, either, texts } from './function.ts';
import { imagePatternFault, imagesOutside } from './image-patterns.ts';

export const baseImagesFrom: ConditionFunction = defineFunction(
  {
    name: 'baseImagesFrom',
    reason: 'base-image-not-permitted',
    means:
      'Every image that a Dockerfile is built from (`FROM`, `COPY --from`) matches one of the patterns. Where the Dockerfile can not be read, as with BuildKit or a remote context, it is not met.',
    example: "baseImagesFrom('docker.io/library/*')",
    takes: { rest: 'text' },
    looksAt: 'Dockerfile',
  },
  (args) => {
    const patterns = texts(args);
    const fault = patterns.map(imagePatternFault).find((one) => one !== undefined);
    if (fault !== undefined) return fault;
    return {
      remedy: `build from ${either(patterns)}`,
      needs: ['baseImages'],
      offences: ({ build }) => {
        if (build === null) return [];
        if (build.baseImages !== null) return imagesOutside(build.baseImages, patterns);
        const asks =
          build.builder === 'buildkit'
            ? 'is built by BuildKit and can not be judged'
            : 'can not be read here';
        return [{ field: 'Dockerfile', asks, untold: true }];
      },
    };
  },
);
