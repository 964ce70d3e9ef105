import type { BodyType } from './body/types.ts';

/** The body of every operation that takes JSON, by operationId. */
export const BODIES: Readonly<Record<string, BodyType>> = {};
