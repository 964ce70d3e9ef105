import type { Case } from '../corpus/case.ts';
import { A_JSON } from './a-json.ts';
import { B_PATH } from './b-path.ts';
import { C_QUERY } from './c-query.ts';
import { D_FRAMING } from './d-framing.ts';
import { E_CONTAINER } from './e-container.ts';
import { TENANT_CASES } from './tenants.ts';

/** The corpus: all sections of test/data/attacks.md, with more of the same kinds. */
export const CASES: readonly Case[] = [
  ...A_JSON,
  ...B_PATH,
  ...C_QUERY,
  ...D_FRAMING,
  ...E_CONTAINER,
  ...TENANT_CASES,
];
