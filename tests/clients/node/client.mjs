// A caller on the AWS SDK for JavaScript v3. See ../README.md for arguments and output.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { BedrockRuntimeClient, InvokeModelWithBidirectionalStreamCommand } from "@aws-sdk/client-bedrock-runtime";

const LIMIT_MS = 40_000;
const PIECE_MS = 32;
const PIECE_BYTES = 1024; // 32 ms of PCM s16le, mono, 16 kHz
const PROMPT = "prompt";
const AUDIO = { promptName: PROMPT, contentName: "audio" };
const FORM = { mediaType: "audio/lpcm", sampleSizeBits: 16, channelCount: 1, encoding: "base64", audioType: "SPEECH" };
const TEXT = { mediaType: "text/plain" };
const TOOL = { name: "get_weather", description: "The weather.", inputSchema: { json: '{"type": "object"}' } };
const WEATHER = { sky: "sunny" };

/** The request's body: what is sent can be iterated over, in order, until it is closed. */
class Outbox {
  #waiting = [];
  #closed = false;
  #wake = () => {};

  send(name, body = {}) {
    this.#waiting.push({ event: { [name]: body } });
    this.#wake();
  }

  close() {
    this.#closed = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator]() {
    for (;;) {
      while (this.#waiting.length) {
        yield { chunk: { bytes: new TextEncoder().encode(JSON.stringify(this.#waiting.shift())) } };
      }
      if (this.#closed) return;
      await new Promise((resolve) => (this.#wake = resolve));
    }
  }
}

/** One session, from sessionStart to the end of the response. */
class Call {
  #outbox = new Outbox();
  #stages = new Map();
  #contents = 0;
  #speaking = true;

  constructor(speech, interruption, withTool) {
    this.waiting = speech;
    this.interruption = interruption;
    this.mustBeInterrupted = interruption.length > 0;
    this.withTool = withTool;
    const { version } = createRequire(import.meta.url)("@aws-sdk/client-bedrock-runtime/package.json");
    const client = `@aws-sdk/client-bedrock-runtime ${version}`;
    this.seen = { client, heard: [], said: [], audio_bytes: 0, tools: [], interrupted: false, ended: [] };
  }

  async hold(client) {
    this.#open();
    const response = await client.send(
      new InvokeModelWithBidirectionalStreamCommand({ modelId: "amazon.nova-2-sonic-v1:0", body: this.#outbox }),
    );
    const speaking = this.#speak();
    for await (const { chunk } of response.body) {
      const [[name, body]] = Object.entries(JSON.parse(new TextDecoder().decode(chunk.bytes)).event);
      this.#receive(name, body);
    }
    this.seen.ended.push("END_STREAM");
    await speaking;
  }

  #open() {
    this.#outbox.send("sessionStart", { inferenceConfiguration: { maxTokens: 1024, topP: 0.9, temperature: 0.7 } });
    this.#outbox.send("promptStart", {
      promptName: PROMPT,
      textOutputConfiguration: TEXT,
      audioOutputConfiguration: { ...FORM, sampleRateHertz: 24000, voiceId: "tiffany" },
      toolUseOutputConfiguration: { mediaType: "application/json" },
      toolConfiguration: { tools: this.withTool ? [{ toolSpec: TOOL }] : [] },
    });
    const system = { type: "TEXT", role: "SYSTEM", textInputConfiguration: TEXT };
    this.#content("textInput", "You are helpful.", system);
    const audioInputConfiguration = { ...FORM, sampleRateHertz: 16000 };
    this.#outbox.send("contentStart", {
      ...AUDIO, type: "AUDIO", role: "USER", interactive: true, audioInputConfiguration,
    });
  }

  /** Plays what waits to be said, and silence, until the call is over. */
  async #speak() {
    for (let due = performance.now(); this.#speaking; due += PIECE_MS) {
      const piece = Buffer.alloc(PIECE_BYTES);
      this.waiting.copy(piece);
      this.waiting = this.waiting.subarray(PIECE_BYTES);
      this.#outbox.send("audioInput", { ...AUDIO, content: piece.toString("base64") });
      await sleep(Math.max(0, due + PIECE_MS - performance.now()));
    }
    this.#outbox.send("contentEnd", AUDIO);
    this.#outbox.send("promptEnd", { promptName: PROMPT });
    this.#outbox.send("sessionEnd");
    this.#outbox.close();
  }

  #receive(name, body) {
    if (name === "contentStart") {
      const { generationStage = "" } = JSON.parse(body.additionalModelFields ?? "{}");
      this.#stages.set(body.contentId, `${body.role} ${generationStage}`);
    } else if (name === "textOutput") {
      this.#noteText(this.#stages.get(body.contentId), body.content);
    } else if (name === "audioOutput") {
      this.seen.audio_bytes += Buffer.from(body.content, "base64").length;
      this.waiting = Buffer.concat([this.waiting, this.interruption]);
      this.interruption = Buffer.alloc(0);
    } else if (name === "toolUse") {
      this.seen.tools.push({ name: body.toolName, arguments: JSON.parse(body.content) });
      this.#sendResult(body.toolUseId);
    } else if (name === "contentEnd") {
      this.#noteEnd(body.type, body.stopReason);
    } else if (name === "completionEnd") {
      this.seen.ended.push(name);
    }
  }

  #noteText(stage, text) {
    if (stage === "USER FINAL") this.seen.heard.push(text);
    if (stage === "ASSISTANT SPECULATIVE") this.seen.said.push(text.trim());
  }

  #noteEnd(type, reason) {
    if (reason === "INTERRUPTED") {
      this.seen.interrupted = true;
    } else if (type === "AUDIO" && reason === "END_TURN" && this.seen.interrupted === this.mustBeInterrupted) {
      this.#speaking = false;
    }
  }

  #sendResult(toolUseId) {
    const toolResultInputConfiguration = { toolUseId, type: "TEXT", textInputConfiguration: TEXT };
    this.#content("toolResult", JSON.stringify(WEATHER), { type: "TOOL", role: "TOOL", toolResultInputConfiguration });
  }

  #content(event, content, start) {
    const where = { promptName: PROMPT, contentName: `content-${++this.#contents}` };
    this.#outbox.send("contentStart", { ...where, interactive: false, ...start });
    this.#outbox.send(event, { ...where, content });
    this.#outbox.send("contentEnd", where);
  }
}

const [scenario, endpoint, ...files] = process.argv.slice(2);
const [speech, interruption = Buffer.alloc(0)] = await Promise.all(files.map((file) => readFile(file)));
const limit = setTimeout(() => {
  console.error(`not over after ${LIMIT_MS} ms`);
  process.exit(1);
}, LIMIT_MS);
const call = new Call(speech, interruption, scenario === "tool");
await call.hold(new BedrockRuntimeClient({ endpoint }));
clearTimeout(limit);
console.log(JSON.stringify(call.seen));
