import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { REFERENCE_FILES } from './reference-files.js';

for (const { path, render } of REFERENCE_FILES) await writeFile(path, await render());
