/** Global teardown of project `int`. Jest calls the default export. */
export default async function stopServers(): Promise<void> {
  await globalThis.ecluseTestServers?.stop();
}
