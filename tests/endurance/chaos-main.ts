// `npm run chaos`: faults while orders flow, and an audit. Owns whatever it starts.
import { chaosUsage, parseChaosOptions } from './options/endurance-options.ts';
import { chaosText } from './report/chaos-text.ts';
import { runChaos } from './run/run-chaos.ts';
import { runCommand } from './run/run-command.ts';

process.exitCode = await runCommand({
  usage: chaosUsage,
  parse(args) {
    const options = parseChaosOptions(args);
    if (options === 'help') return 'help';
    return {
      json: options.json,
      run: (surroundings) => runChaos(options, surroundings),
      text: chaosText,
    };
  },
});
