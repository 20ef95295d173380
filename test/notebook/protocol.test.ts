// Jupyter's messages other than a plain cell: https://jupyter-client.readthedocs.io/en/stable/messaging.html
import assert from "node:assert/strict";
import { test } from "node:test";
import { runCells, textBelow } from "./run-cells";

test("after an error that was expected, later cells run; after another one, those already sent are aborted", () => {
  const expected = { code: 'throw new RangeError("expected");', stop_on_error: false };
  const answers = runCells([
    { atOnce: [expected, "1 + 1"] },
    { atOnce: [{ code: "nothing", stop_on_error: false }, "2 + 2"] },
    { atOnce: ['throw new Error("unexpected");', "3 + 3"] },
    "4 + 4",
  ]);
  assert.deepEqual(
    answers.map((answer) => [answer.status, textBelow(answer), answer.error?.evalue]),
    [
      ["error", "", "expected"],
      ["ok", "2\n", undefined],
      ["error", "", "line 1: Cannot find name 'nothing'."],
      ["ok", "4\n", undefined],
      ["error", "", "unexpected"],
      ["aborted", "", undefined],
      ["ok", "8\n", undefined],
    ],
  );
});

test("other messages are answered, or ignored without a word in a cell", () => {
  const tail = { hist_access_type: "tail", n: 2, output: false, raw: true };
  const [first, , history, range, search, open, message, close, debug, info, unknown] = runCells([
    "1 + 1",
    "const two = 2;",
    { message: "history_request", content: tail },
    { message: "history_request", content: { hist_access_type: "range", session: 0, start: 1, stop: 2, output: true } },
    { message: "history_request", content: { hist_access_type: "search", pattern: "const*", n: 5 } },
    { message: "comm_open", content: { comm_id: "a", target_name: "nobody", data: {} } },
    { message: "comm_msg", content: { comm_id: "a", data: {} } },
    { message: "comm_close", content: { comm_id: "a", data: {} } },
    {
      message: "debug_request",
      content: { type: "request", seq: 3, command: "initialize", arguments: {} },
      channel: "control",
    },
    { message: "comm_info_request", content: {} },
    { message: "something_request", content: {} },
    { wait: 0.5 },
  ]);
  assert.equal(first.stderr + textBelow(first), "2\n");
  assert.deepEqual(history.reply, {
    type: "history_reply",
    content: {
      status: "ok",
      history: [
        [0, 1, "1 + 1"],
        [0, 2, "const two = 2;"],
      ],
    },
  });
  assert.deepEqual(range.reply?.content.history, [[0, 1, ["1 + 1", null]]]);
  assert.deepEqual(search.reply?.content.history, [[0, 2, "const two = 2;"]]);
  assert.deepEqual(open.others, [{ type: "comm_close", content: { comm_id: "a", data: {} } }]);
  assert.deepEqual([message.reply, close.reply, unknown.reply], [undefined, undefined, undefined]);
  assert.equal(debug.reply?.type, "debug_reply");
  assert.deepEqual([debug.reply?.content.success, debug.reply?.content.request_seq], [false, 3]);
  assert.equal(info.reply?.type, "comm_info_reply");
});

test("silent and store_history are honoured", () => {
  const [counted, silent, failed, uncounted, next, history] = runCells([
    "let n = 1;",
    { code: "console.log('quiet');\nn = 2;\nn", silent: true },
    { code: 'throw new Error("quiet too");', silent: true },
    { code: "n", store_history: false },
    "n + 1",
    { message: "history_request", content: { hist_access_type: "tail", n: 9 } },
  ]);
  assert.deepEqual([counted.count, counted.inputs], [1, [1]]);
  assert.deepEqual([silent.status, silent.inputs, textBelow(silent), silent.displays], ["ok", [], "", []]);
  assert.deepEqual([failed.status, failed.error, failed.stderr], ["error", undefined, ""]);
  assert.deepEqual([textBelow(uncounted), uncounted.count], ["2\n", 1]);
  assert.deepEqual([textBelow(next), next.count, next.inputs], ["3\n", 2, [2]]);
  assert.deepEqual(history.reply?.content.history, [
    [0, 1, "let n = 1;"],
    [0, 2, "n + 1"],
  ]);
});
