/** Finds or starts the services that the suites need. */
export default function setup(): void {
  /* services named in the environment are taken as they are */
}
