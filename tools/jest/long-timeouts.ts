import { jest } from '@jest/globals';

/** End-to-end tests wait for whole processes; a test that hangs is still ended. Milliseconds. */
jest.setTimeout(120_000);
