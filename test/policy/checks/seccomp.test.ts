import { seccomp } from '../../../src/policy/checks/seccomp.ts';
import { describeCheck, security } from './support.ts';

const field = 'HostConfig.SecurityOpt[0]';
const remedy =
  "leave it out, the Engine's own profile holds then (docker run without --security-opt seccomp=...)";

describeCheck(seccomp, 'seccomp', {
  refuses: [
    [
      'no filter',
      security({ seccomp: { field, profile: 'unconfined' } }),
      [{ field, asks: 'turns the seccomp filter off', remedy }],
    ],
    [
      'a profile in the request',
      security({ seccomp: { field, profile: 'custom' } }),
      [{ field, asks: 'brings a seccomp profile of its own', remedy }],
    ],
  ],
  accepts: [["the Engine's profile by its name", security({ seccomp: { field, profile: 'builtin' } })]],
});
