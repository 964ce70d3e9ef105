import { field, map, string } from '../types.ts';

/** What every object of a swarm is called and marked with (Engine API: `Annotations`, spread into each spec). */
export const ANNOTATIONS = {
  Name: field(string, 'its name'),
  Labels: field(map(string), 'its labels'),
};
