// npm run setup: sets up what is missing, as every other command does first.
import { readArguments } from "./support/arguments.mjs";
import { main } from "./support/main.mjs";

await main(
  () => readArguments({ usage: "npm run setup" }, () => {}),
  async () => console.log("Everything is set up."),
);
