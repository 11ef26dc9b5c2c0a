// Generates the manual pages from the programs' own tables of flags, settings and commands.
import type { ProtocolFiles } from '../protocol-files.js';
import { salonctlPage } from './salonctl.js';
import { salondPage } from './salond.js';
import { settingsPage } from './settings.js';

/** The date of the last review of the pages. */
const date = 'November 25, 2026';

/** Each page's path below the project's folder, and its text. */
export function manualPages(protocol: ProtocolFiles): { readonly path: string; readonly text: string }[] {
  return [
    { path: 'man/salond.8', text: salondPage(date) },
    { path: 'man/salond.toml.5', text: settingsPage(date) },
    { path: 'man/salonctl.1', text: salonctlPage(date, protocol) },
  ];
}
