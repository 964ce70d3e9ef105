// Loaded into the gateway by `npm run profile`: SIGUSR2 begins a CPU profile, and the next one writes it.
const { Session } = require('node:inspector');
const { renameSync, writeFileSync } = require('node:fs');

const file = process.env['QUAYWARDEN_PROFILE'];
const session = new Session();
session.connect();
let isOn = false;
process.on('SIGUSR2', () => {
  isOn = !isOn;
  if (isOn) {
    session.post('Profiler.enable');
    session.post('Profiler.setSamplingInterval', { interval: 500 });
    session.post('Profiler.start');
    return;
  }
  session.post('Profiler.stop', (error, { profile }) => {
    if (error) throw error;
    // Whoever waits for the file is to find all of it.
    writeFileSync(`${file}.part`, JSON.stringify(profile));
    renameSync(`${file}.part`, file);
  });
});
