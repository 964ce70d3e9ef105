import type { Labels } from '../labels.ts';
import type { OwnedKind, Shown } from '../owned.ts';

/** A JSON object of the Engine, of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>;

/** RFC 7464 begins each text of a sequence with it (API 1.52, `application/json-seq`). */
export const RECORD = '\u001e';

/** The value as an object; one without members when it is none. */
export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * An element of one of the Engine's lists, as the sight wants it told.
 *
 * @returns undefined when it has no id: what can not be judged is not shown
 */
export function shownOf(kind: OwnedKind, value: unknown): Shown | undefined {
  const shown = READERS[kind](objectOf(value));
  return shown.id === '' ? undefined : { kind, ...shown };
}

/** The labels as they are; values that are no text count for nothing. */
function labelsOf(value: unknown): Labels {
  const labels = objectOf(value);
  if (Object.values(labels).every((label) => typeof label === 'string')) return labels as Labels;
  return Object.fromEntries(
    Object.entries(labels).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

/** Of `/web` and the aliases of links, `/other/alias`, the first. */
function nameOf(names: unknown): string {
  const own = listOf(names).map(textOf).find(isOwnName) ?? '';
  return own.replace(/^\//, '');
}

/** Whether one of a container's names is its own, and not the one that a link of another container gave it. */
export function isOwnName(name: string): boolean {
  return name.lastIndexOf('/') <= 0;
}

const READERS: Readonly<Record<OwnedKind, (value: Json) => Omit<Shown, 'kind'>>> = {
  container: (value) => ({
    id: textOf(value['Id']),
    name: nameOf(value['Names']),
    labels: labelsOf(value['Labels']),
    imageId: textOf(value['ImageID']),
  }),
  network: (value) => ({
    id: textOf(value['Id']),
    name: textOf(value['Name']),
    labels: labelsOf(value['Labels']),
  }),
  volume: (value) => ({
    id: textOf(value['Name']),
    name: textOf(value['Name']),
    labels: labelsOf(value['Labels']),
  }),
  task: (value) => ({
    id: textOf(value['ID']),
    name: textOf(value['Name']),
    labels: labelsOf(value['Labels']),
    serviceId: textOf(value['ServiceID']),
  }),
  service: specified,
  secret: specified,
  config: specified,
};

function specified(value: Json): Omit<Shown, 'kind'> {
  const spec = objectOf(value['Spec']);
  return { id: textOf(value['ID']), name: textOf(spec['Name']), labels: labelsOf(spec['Labels']) };
}
