import type { OwnedKind } from '../owned.ts';
import type { Sight } from '../sight.ts';
import { seesImageId, seesReference } from './references.ts';
import { type Json, objectOf, RECORD, textOf } from './shown.ts';
import type { LinesView } from './types.ts';

type Judge = (event: Json, sight: Sight) => Promise<boolean>;

/** An object that is known by its id alone: events carry no proof of who owns it. */
function byId(kind: OwnedKind): Judge {
  return async (event, sight) => sight.all(kind) || seesActor(kind, event, sight);
}

/** The same with a container in it: which network it joins, which volume it mounts. */
function withContainer(kind: OwnedKind): Judge {
  return async (event, sight) => {
    const { container } = attributesOf(event);
    if (container !== undefined && !(await seesContainer(container, sight))) return false;
    return sight.all(kind) || seesActor(kind, event, sight);
  };
}

/** What concerns the Engine as a whole. */
const ofEngine: Judge = async (_event, sight) => sight.all('engine');

/**
 * By the reference that the event is about; by the id when it names none, as `untag` and `delete` do. `pull` and
 * `push` have the whole reference as the actor and its name without a tag as an attribute.
 */
const ofImage: Judge = async (event, sight) => {
  if (sight.all('image')) return true;
  const references = [objectOf(event['Actor'])['ID'], attributesOf(event)['name']].map(textOf);
  const reference = references.find((text) => text !== '' && !IMAGE_ID.test(text));
  return reference === undefined ? seesImageId(references[0], sight) : seesReference(reference, sight);
};

const IMAGE_ID = /^sha256:[0-9a-f]{64}$/;

/**
 * How an event of each type is judged (moby, api/types/events). Prunes have no actor and count what went of
 * everybody's, so whoever sees only some does not see them. Types that are not here are the operator's.
 */
const JUDGES: ReadonlyMap<unknown, Judge> = new Map<unknown, Judge>([
  ['container', byId('container')],
  ['network', withContainer('network')],
  ['volume', withContainer('volume')],
  ['image', ofImage],
  ['service', byId('service')],
  ['secret', byId('secret')],
  ['config', byId('config')],
]);

export const EVENTS: LinesView = {
  kind: 'lines',
  async keep(line, sight) {
    const text = line.startsWith(RECORD) ? line.slice(RECORD.length) : line;
    if (text.trim() === '') return line;
    const event = objectOf(JSON.parse(text));
    const judge = JUDGES.get(event['Type']) ?? ofEngine;
    return (await judge(event, sight)) ? line : undefined;
  },
};

async function seesActor(kind: OwnedKind, event: Json, sight: Sight): Promise<boolean> {
  const { ID } = objectOf(event['Actor']);
  return typeof ID === 'string' && ID !== '' && (await sight.seesById(kind, ID));
}

async function seesContainer(id: unknown, sight: Sight): Promise<boolean> {
  if (sight.all('container')) return true;
  return typeof id === 'string' && id !== '' && (await sight.seesById('container', id));
}

function attributesOf(event: Json): Json {
  return objectOf(objectOf(event['Actor'])['Attributes']);
}
