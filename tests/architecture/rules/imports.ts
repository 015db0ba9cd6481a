import { posix } from 'node:path';
import { type Rule, type SourceFile, violation } from '../source-file.ts';

/** What a package may use of Troupe's other packages; core is open to every one of them. */
const packagesOpenTo: Record<string, readonly string[]> = {
  'packages/testing': ['@troupe/coordinator', '@troupe/schema-registry'],
  // Puts together what every process of a service is made of.
  'packages/service-process': [
    '@troupe/schema-registry',
    '@troupe/telemetry',
    '@troupe/transport-kafkajs',
  ],
};

/** What the shop's services share; it runs nothing itself. */
const shopLibraries = ['@shop/contracts'];

/** `@troupe/core` of `@troupe/core/memory`, undefined of a relative path or a node: module. */
function packageNameOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  const [scope = '', name = ''] = specifier.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}

function isOurs(name: string): boolean {
  return name.startsWith('@troupe/') || name.startsWith('@shop/');
}

function eachImport(file: SourceFile, isWrong: (specifier: string) => boolean, rule: string) {
  return file.imports
    .filter(({ specifier }) => isWrong(specifier))
    .map(({ specifier, line }) => violation(file, line, `'${specifier}': ${rule}`));
}

export const coreStandsAlone: Rule = (file) => {
  if (file.workspace !== 'packages/core' || file.isTest) return [];
  return eachImport(
    file,
    (specifier) => {
      const name = packageNameOf(specifier);
      return name !== undefined && name !== '@opentelemetry/api';
    },
    'core imports only node: modules and @opentelemetry/api',
  );
};

export const adaptersImportOnlyCore: Rule = (file) => {
  if (!file.workspace.startsWith('packages/') || file.isTest) return [];
  const open = ['@troupe/core', ...(packagesOpenTo[file.workspace] ?? [])];
  return eachImport(
    file,
    (specifier) => {
      const name = packageNameOf(specifier);
      return name !== undefined && isOurs(name) && !open.includes(name);
    },
    `${file.workspace} imports of our packages only ${open.join(', ')}`,
  );
};

export const servicesImportPackages: Rule = (file) => {
  if (!file.workspace.startsWith('services/') || file.isTest) return [];
  const isDemo = file.workspace === 'services/shop/demo';
  return eachImport(
    file,
    (specifier) => {
      const name = packageNameOf(specifier);
      if (name === undefined || isDemo) return false;
      if (name === '@troupe/infra' || name === '@troupe/tests') return true;
      return name.startsWith('@shop/') && !shopLibraries.includes(name);
    },
    `services import packages, and of the shop only ${shopLibraries.join(' and ')}`,
  );
};

export const relativeImportsStayInside: Rule = (file) => {
  return eachImport(
    file,
    (specifier) => {
      if (!specifier.startsWith('.')) return false;
      const target = posix.join(posix.dirname(file.path), specifier);
      return !target.startsWith(`${file.workspace}/`);
    },
    'another package is imported by its name, never by a relative path',
  );
};

/** Inside core a layer knows only those to its left. */
const layers = ['events', 'sagas', 'wire', 'participant'];

export const coreLayers: Rule = (file) => {
  if (file.workspace !== 'packages/core' || file.isTest) return [];
  const layerOf = (path: string) => layers.indexOf(path.split('/')[3] ?? '');
  const own = layerOf(file.path);
  if (own === -1) return [];
  return eachImport(
    file,
    (specifier) => {
      if (!specifier.startsWith('.')) return false;
      return layerOf(posix.join(posix.dirname(file.path), specifier)) > own;
    },
    `inside core: ${layers.join(' <- ')}`,
  );
};

const auditorFolder = 'tests/auditor/';
const auditorTools = ['kafkajs', 'avsc'];

/** What judges Troupe shares nothing with it, or both would be wrong in the same way. */
export const auditorStandsAlone: Rule = (file) => {
  if (!file.path.startsWith(auditorFolder)) return [];
  const open = file.isTest ? [...auditorTools, 'vitest'] : auditorTools;
  return eachImport(
    file,
    (specifier) => {
      const name = packageNameOf(specifier);
      if (name !== undefined) return !open.includes(name);
      if (specifier.startsWith('node:')) return false;
      return !posix.join(posix.dirname(file.path), specifier).startsWith(auditorFolder);
    },
    `the auditor imports only node: modules, ${auditorTools.join(' and ')}`,
  );
};
