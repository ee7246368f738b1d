export interface JestCount {
  passed: number;
  failed: number;
}
export interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numRuntimeErrorTestSuites: number;
  numTotalTests: number;
}
export function runJest(project: string): Promise<JestCount>;
export function countResults(report: JestReport, code: number): JestCount;
