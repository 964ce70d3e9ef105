import { tryPlaces } from './matrix.ts';

/** The same as in every-text.test.ts, where most texts are. */
tryPlaces(
  ['bert'],
  ({ kind, at, operation }) =>
    kind === undefined && !at.startsWith('filter') && operation.kind === 'container',
  400,
);
