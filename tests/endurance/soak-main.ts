// `npm run soak`: orders flow for a while, and an audit. Owns whatever it starts.
import { parseSoakOptions, soakUsage } from './options/endurance-options.ts';
import { soakText } from './report/soak-text.ts';
import { runCommand } from './run/run-command.ts';
import { runSoak } from './run/run-soak.ts';

process.exitCode = await runCommand({
  usage: soakUsage,
  parse(args) {
    const options = parseSoakOptions(args);
    if (options === 'help') return 'help';
    return {
      json: options.json,
      run: (surroundings) => runSoak(options, surroundings),
      text: soakText,
    };
  },
});
