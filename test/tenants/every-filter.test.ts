import { tryPlaces } from './matrix.ts';

/** Filters that find nothing where there is nothing. */
tryPlaces(['bert'], ({ kind, at }) => kind === undefined && at.startsWith('filter'), 1_500);
