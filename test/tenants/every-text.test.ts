import { tryPlaces } from './matrix.ts';

/** Texts that the gateway takes for no name: should the Engine take one for a name, it shows here. */
tryPlaces(
  ['bert'],
  ({ kind, at, operation }) =>
    kind === undefined && !at.startsWith('filter') && operation.kind !== 'container',
  400,
);
