// npm run setup: what the other commands do first, alone.
import { main } from "./main.mjs";

await main(async () => console.log("Everything is set up."));
