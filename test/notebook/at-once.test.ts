// Cells that run while another one awaits.
import assert from "node:assert/strict";
import { test } from "node:test";
import { actionOf } from "../../lib/notebook/kernel/at-once";
import "../../lib/notebook/live-training";
import { type Answer, runCells } from "./run-cells";

const textsOf = ({ displays }: Answer) => displays.map((display) => String(display["text/plain"]));

test("showTraining() alone in a cell shows the training as it is, while it runs, and when it has ended", () => {
  const [, early, training, shown, enough, later, after] = runCells([
    `import { fit, gaussian, tf } from "../lib";
import { liveTraining, showTraining } from "../lib/notebook";
import { runAtOnce } from "../lib/notebook/kernel/at-once";
const clean = { data: new Float32Array(64 * 784), shape: [64, 28, 28, 1] as const };
const pairs = { clean, noisy: gaussian(clean, { sigma: 0.5, seed: 1 }) };
const layers = [tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 1, kernelSize: 3, padding: "same" as const })];
const model = tf.sequential({ layers });
model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
const stop = { onTrainBegin: (run: { stop(reason: string): void }) => runAtOnce("enough", () => run.stop("enough")) };`,
    "showTraining()",
    {
      atOnce: [
        'console.log("begins"); const history = await fit(model, pairs, { epochs: 1e6, batchSize: 8, validation: pairs, callbacks: [stop, liveTraining("Loss")] }); console.log("ends");',
        { code: "\n// after a reload\nshowTraining();\n", after: "batch" },
        { code: "enough()", after: "batch" },
        "console.log('later', history.stopped)",
      ],
    },
    "showTraining()",
  ]);
  assert.match(early.error?.evalue ?? "", /^no training has been shown/);
  assert.equal(training.status, "ok", JSON.stringify(training.error));
  assert.equal(training.stdout, "begins\nends\n");
  const [bar, curve] = textsOf(shown);
  assert.match(bar, /^epoch \d+\/1000000, batch \d\/8, loss/);
  assert.equal(curve, "Loss");
  assert.deepEqual([shown.status, shown.error, shown.inputs.length], ["ok", undefined, 1]);
  assert.deepEqual([enough.status, enough.stdout], ["ok", ""]);
  assert.equal(later.stdout, "later enough\n");
  const [summary, figure] = textsOf(after);
  assert.match(summary, /^\d+ epochs? in .* Stopped: enough\./);
  assert.match(figure, /^Loss/);
});

test("before a training begins, showTraining() says so at once; a training of a trained model says that it goes on", () => {
  const [, waiting, asked, training, again] = runCells([
    `import { fit, simpleAutoencoder, tf } from "../lib";
import { liveTraining, showTraining } from "../lib/notebook";
const clean = { data: new Float32Array(8 * 784), shape: [8, 28, 28, 1] as const };
const model = simpleAutoencoder();
model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
const train = () => fit(model, { clean, noisy: clean }, { epochs: 1, batchSize: 8, validation: { clean, noisy: clean }, callbacks: [liveTraining("Loss")] });`,
    {
      atOnce: [
        "console.log('waits'); await new Promise((resolve) => setTimeout(resolve, 3000)); console.log('goes on');",
        { code: "await showTraining()", after: "waits" },
      ],
    },
    "await train();",
    "await train();",
  ]);
  assert.match(asked.error?.evalue ?? "", /^no training has been shown by liveTraining since this kernel was started/);
  assert.equal(waiting.stdout, "waits\ngoes on\n");
  assert.ok(actionOf("await showTraining();"), "it does not wait for the cells before it");
  assert.equal(training.stdout, "");
  assert.equal(
    again.stdout,
    "This model has been trained for 1 epoch before, and is trained further. For a new one, run the cell that makes it first.\n",
  );
});

test("an error in such a cell is its own: the running cell and those after it go on", () => {
  const [, waiting, failing, next] = runCells([
    `import { runAtOnce } from "../lib/notebook/kernel/at-once";
let end = () => {};
runAtOnce("fail", () => { end(); throw new RangeError("not now"); });`,
    {
      atOnce: [
        "console.log('waits'); await new Promise<void>((resolve) => { end = resolve; }); console.log('goes on');",
        { code: "fail()", after: "waits" },
        "console.log('next')",
      ],
    },
  ]);
  assert.deepEqual([waiting.status, waiting.stdout], ["ok", "waits\ngoes on\n"]);
  assert.deepEqual([failing.status, failing.error?.evalue], ["error", "not now"]);
  assert.deepEqual([next.status, next.stdout], ["ok", "next\n"]);
});
