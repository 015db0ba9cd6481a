// Adds to package-lock.json the optional packages of other platforms that npm left out of it:
//
//   node infra/complete-lock.mjs
//
// npm drops an optional package that its registry lacks, and `npm ci` then refuses the lock file on
// every machine. The versions are the exact ones that their parent names; without an integrity npm
// takes the registry's.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'];

/** Where Node would look for `name` from the package at `path`: the nearest folder upwards. */
function* placesOf(path, name) {
  for (let folder = path; ; ) {
    yield folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (folder === '') return;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1));
  }
}

export function missingOptionalPackages(lock) {
  const missing = [];
  for (const [path, parent] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const isThere = [...placesOf(path, name)].some((place) => place in lock.packages);
      if (!isThere) missing.push({ name, version, parent });
    }
  }
  return missing;
}

export function completeLock(lock) {
  const packages = { ...lock.packages };
  for (const { name, version, parent } of missingOptionalPackages(lock)) {
    const words = name.split(/[/-]/);
    const os = systems.filter((system) => words.includes(system));
    const cpu = processors.filter((processor) => words.includes(processor));
    if (os.length !== 1 || cpu.length !== 1 || !/^\d+\.\d+\.\d+$/.test(version)) {
      throw new Error(
        `${name}@${version}: its platform or version cannot be told; add it by hand.`,
      );
    }
    packages[`node_modules/${name}`] = {
      version,
      cpu,
      ...(parent.dev ? { dev: true } : {}),
      license: parent.license,
      optional: true,
      os,
    };
  }
  const sorted = Object.entries(packages).sort(([left], [right]) =>
    left.localeCompare(right, 'en'),
  );
  return { ...lock, packages: Object.fromEntries(sorted) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const file = resolve(import.meta.dirname ?? 'infra', '..', 'package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  console.log(`${missingOptionalPackages(lock).length} packages added`);
  writeFileSync(file, `${JSON.stringify(completeLock(lock), null, 2)}\n`);
}
